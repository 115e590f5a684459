import ts from "typescript";
import {
  COMMON_ROOMS,
  GLOBAL_TABLES,
  isCompositionRoom,
  isPublicFile,
  isPure,
  isTest,
  layerOf,
  MAX_LINES,
  roleOf,
  roomOf,
} from "@/lib/architecture/conventions";
import { type Import, type Source, walk } from "@/lib/architecture/source";

/** A rule looks at one file and says, in words for whoever must mend it, what is wrong. */
export type Rule = (source: Source) => string[];

const crossings = (source: Source): Import[] => source.imports.filter((i) => i.ours && !i.typeOnly);

/** app → components → lib, and the product never reaches for what only tests, benchmarks or the command line use. */
const MAY_SEE: Record<string, string[]> = {
  app: ["app", "components", "lib"],
  components: ["components", "lib"],
  lib: ["lib"],
};
export const layersRunOneWay: Rule = (source) => {
  const allowed = MAY_SEE[layerOf(source.path)];
  if (!allowed || isTest(source.path)) return [];
  return source.imports
    .filter((i) => i.ours && !i.target.endsWith("package.json") && !allowed.includes(layerOf(i.target)))
    .map((i) => `must not import ${i.target}: imports run app → components → lib`);
};

export const roomsShowOnlyTheirDoors: Rule = (source) => {
  const room = roomOf(source.path);
  if (!room || isTest(source.path)) return [];
  return crossings(source).flatMap((i) => {
    const other = roomOf(i.target);
    if (!other || other === room || COMMON_ROOMS.includes(other)) return [];
    if (isTest(i.target)) return [`must not import ${i.target}: it exists for tests`];
    const role = roleOf(i.target);
    if (role === "store")
      return [`must not import ${i.target}: a store is private to its room; use its service`];
    if (role === "actions" || role === "queries")
      return [`must not import ${i.target}: only pages and components use ${role}`];
    if (isCompositionRoom(room) || isPublicFile(i.target)) return [];
    return [`must not import ${i.target}: another room shows its schema, service and pure files only`];
  });
};

/** kernel and db are everybody's ground floor, so they cannot stand on the rooms above them. */
export const groundFloorStandsAlone: Rule = (source) => {
  const room = roomOf(source.path);
  if (!room || !COMMON_ROOMS.includes(room) || isTest(source.path)) return [];
  return crossings(source)
    .filter((i) => !COMMON_ROOMS.includes(roomOf(i.target) ?? "") && !isPublicFile(i.target))
    .map((i) => `must not import ${i.target}: kernel and db are below the rooms`);
};

export const componentsSeeNoServer: Rule = (source) => {
  if (layerOf(source.path) !== "components" || isTest(source.path)) return [];
  return source.imports
    .filter((i) => !i.typeOnly)
    .flatMap((i) => {
      if (i.target.startsWith("node:")) return [`must not import ${i.target}: components run in the browser`];
      if (!i.ours || layerOf(i.target) !== "lib") return [];
      if (isPure(i.target) || ["actions", "queries"].includes(roleOf(i.target))) return [];
      return [`must not import ${i.target}: components see actions, queries, schema, pure files and types`];
    });
};

const DATABASE_PACKAGES = ["pg", "drizzle-orm", "undici"];
export const pagesOnlyCompose: Rule = (source) => {
  if (layerOf(source.path) !== "app") return [];
  const imports = source.imports.flatMap((i) => {
    if (DATABASE_PACKAGES.includes(i.target))
      return [`must not import ${i.target}: pages do no SQL and no fetching`];
    if (!i.ours || i.typeOnly) return [];
    const forbidden = roleOf(i.target) === "store" || ["db", "upstream"].includes(roomOf(i.target) ?? "");
    return forbidden ? [`must not import ${i.target}: pages ask a service or query options`] : [];
  });
  return [...imports, ...uses(source, ["fetch"]).map((what) => `must not use ${what}: pages ask a service`)];
};

/** Free names that reach outside a pure function. `Date` itself stays: parsing a given instant is pure. */
const IMPURE_GLOBALS = [
  ...[
    "process",
    "fetch",
    "performance",
    "crypto",
    "console",
    "globalThis",
    "window",
    "document",
    "navigator",
  ],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "localStorage", "sessionStorage"],
];
const PURE_PACKAGES = ["zod", "@hono/zod-openapi"];
export const pureFilesStayPure: Rule = (source) => {
  if (!isPure(source.path)) return [];
  const imports = source.imports
    .filter((i) => !i.typeOnly && !(i.ours ? isPure(i.target) : PURE_PACKAGES.includes(i.target)))
    .map((i) => `is pure and must not import ${i.target}`);
  const names = uses(source, [...IMPURE_GLOBALS, "Date.now", "new Date()", "Date()", "Math.random"]);
  return [...imports, ...names.map((what) => `is pure and must not use ${what}: take it as an argument`)];
};

/** Which of the given globals the file reads; local declarations, members and types of the same name do not count. */
function uses(source: Source, globals: string[]): string[] {
  const found = new Set<string>();
  const declared = new Set<string>();
  walk(source.ast, (node) => {
    if (
      (ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      declared.add(node.name.text);
    if ((ts.isImportSpecifier(node) || ts.isFunctionDeclaration(node)) && node.name)
      declared.add(node.name.text);
  });
  walk(source.ast, (node) => {
    if (ts.isPropertyAccessExpression(node)) {
      const text = `${node.expression.getText()}.${node.name.text}`;
      if (globals.includes(text)) found.add(text);
    }
    const newless =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "Date";
    if (newless && !node.arguments?.length) {
      const text = ts.isNewExpression(node) ? "new Date()" : "Date()";
      if (globals.includes(text)) found.add(text);
    }
    if (!ts.isIdentifier(node) || !globals.includes(node.text) || declared.has(node.text)) return;
    const parent = node.parent;
    const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
    const isKey =
      (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
      parent.name === node;
    const isTypeName =
      ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent) || ts.isTypeAliasDeclaration(parent);
    if (!isMember && !isKey && !isTypeName) found.add(node.text);
  });
  return [...found];
}

export const filesStaySmall: Rule = (source) => {
  const lines = source.text.trimEnd().split("\n").length;
  return lines > MAX_LINES
    ? [`has ${lines} lines (at most ${MAX_LINES}): look for the second thing that it does`]
    : [];
};

const isPosted = (form: ts.JsxOpeningElement): boolean =>
  form.attributes.properties.some((attribute) => attribute.getText() === 'method="post"');

export const nothingForbidden: Rule = (source) => {
  const found: string[] = [];
  for (const i of source.imports) {
    if (i.target === "server-only") found.push("must not import server-only: it throws in plain Node");
    if (/^(node:)?child_process$/.test(i.target) && i.names.includes("fork"))
      found.push(
        "must not use child_process.fork: it fails the Turbopack build; spawn with an ipc stdio instead",
      );
  }
  walk(source.ast, (node) => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      if (callee === "eval" || callee === "globalThis.eval") found.push("must not use eval");
      if (callee === "Function") found.push("must not build functions from text");
      if (/^(childProcess|child_process|cp)\.fork$/.test(callee))
        found.push("must not use child_process.fork");
    }
    if (ts.isNewExpression(node) && node.expression.getText() === "Function")
      found.push("must not build functions from text");
    const name = ts.isJsxAttribute(node) || ts.isPropertyAssignment(node) ? node.name.getText() : "";
    if (name === "dangerouslySetInnerHTML") found.push("must not use dangerouslySetInnerHTML");
    if (name === "srcDoc") found.push("must not use srcDoc: outputs are hostile");
    if (ts.isJsxOpeningElement(node) && node.tagName.getText() === "form" && !isPosted(node))
      found.push(
        'must give the form method="post": sent before its scripts run, it would put passwords into the address',
      );
  });
  return found;
};

const startsWith = (statements: readonly ts.Statement[], directive: string): boolean =>
  statements.some(
    (s) => ts.isExpressionStatement(s) && ts.isStringLiteral(s.expression) && s.expression.text === directive,
  );

export const isActionFile = (source: Source): boolean => startsWith(source.ast.statements, "use server");

const exported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword);

/** The names of the actions that a "use server" file exports. */
export const actionNames = (source: Source): string[] =>
  source.ast.statements
    .filter((s): s is ts.VariableStatement => ts.isVariableStatement(s) && exported(s))
    .flatMap((s) => s.declarationList.declarations.map((d) => d.name.getText()));

const ACTION_FACTORIES = ["defineAction", "definePublicAction"];

/** Everything that a "use server" file exports is a public door, whether or not anybody meant it to be. */
export const actionsAreDeclared: Rule = (source) => {
  const found: string[] = [];
  if (isActionFile(source)) {
    for (const statement of source.ast.statements) {
      if (ts.isExportAssignment(statement) || (ts.isExportDeclaration(statement) && !statement.isTypeOnly)) {
        found.push("exports something that is not a defineAction result");
        continue;
      }
      if (
        !exported(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement)
      )
        continue;
      const isAction =
        ts.isVariableStatement(statement) &&
        statement.declarationList.declarations.every(
          ({ initializer }) =>
            initializer &&
            ts.isCallExpression(initializer) &&
            ACTION_FACTORIES.includes(initializer.expression.getText()),
        );
      if (!isAction)
        found.push(`exports something that is not a defineAction result: ${firstLine(statement)}`);
    }
  }
  walk(source.ast, (node) => {
    if (ts.isBlock(node) && startsWith(node.statements, "use server"))
      found.push('has an inline "use server": declare it with defineAction in an actions file');
  });
  return found;
};

const firstLine = (node: ts.Node): string => node.getText().split("\n")[0] ?? "";

/** No row without a workspace, except in the tables that are named as nobody's. */
export const tablesBelongToWorkspaces: Rule = (source) => {
  if (!source.path.startsWith("lib/db/tables/")) return [];
  return tablesIn(source)
    .filter((table) => !table.hasWorkspace && !GLOBAL_TABLES.includes(table.name))
    .map((table) => `table ${table.name} has no workspace_id; every row of workspace data carries one`);
};

export function tablesIn(source: Source): { name: string; hasWorkspace: boolean }[] {
  const tables: { name: string; hasWorkspace: boolean }[] = [];
  walk(source.ast, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "pgTable") return;
    const [name, columns] = node.arguments;
    if (!name || !ts.isStringLiteral(name) || !columns) return;
    tables.push({ name: name.text, hasWorkspace: /"workspace_id"/.test(columns.getText()) });
  });
  return tables;
}

/** Value imports that come back to where they started: whoever loads first sees undefined. */
export function importCycles(sources: Source[]): string[] {
  const graph = new Map(sources.map((s) => [s.path, crossings(s).map((i) => i.target)]));
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, trail: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const next of graph.get(file) ?? []) if (graph.has(next)) visit(next, [...trail, file]);
    state.set(file, "done");
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

export const RULES: Record<string, Rule> = {
  layersRunOneWay,
  roomsShowOnlyTheirDoors,
  groundFloorStandsAlone,
  componentsSeeNoServer,
  pagesOnlyCompose,
  pureFilesStayPure,
  filesStaySmall,
  nothingForbidden,
  actionsAreDeclared,
  tablesBelongToWorkspaces,
};
