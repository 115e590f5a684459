import path from "node:path";
import ts from "typescript";

export type Import = {
  /** Repository path with its extension for our own files (`lib/jobs/store.ts`), else the package or `node:` name. */
  target: string;
  ours: boolean;
  /** Erased by the compiler: it carries no code across the border. */
  typeOnly: boolean;
  names: string[];
};

/** One file as the rules see it. */
export type Source = { path: string; text: string; ast: ts.SourceFile; imports: Import[] };

const EXTENSIONS = ["", ".ts", ".tsx", ".mjs", ".css", ".json", "/index.ts", "/index.tsx"];

function resolve(from: string, specifier: string, exists: (file: string) => boolean): string | undefined {
  const base = specifier.startsWith("@/")
    ? specifier.slice(2)
    : specifier.startsWith(".")
      ? path.posix.join(path.posix.dirname(from), specifier)
      : undefined;
  if (base === undefined) return undefined;
  return EXTENSIONS.map((extension) => base + extension).find(exists) ?? base;
}

/** `@scope/name/deep` → `@scope/name`, `node:fs/promises` stays. */
const packageOf = (specifier: string): string =>
  specifier.startsWith("node:")
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function clauseOf(node: ts.ImportDeclaration | ts.ExportDeclaration): { typeOnly: boolean; names: string[] } {
  if (ts.isExportDeclaration(node)) {
    const named = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : [];
    return {
      typeOnly: node.isTypeOnly || (named.length > 0 && named.every((e) => e.isTypeOnly)),
      names: named.map((e) => (e.propertyName ?? e.name).text),
    };
  }
  const clause = node.importClause;
  if (!clause) return { typeOnly: false, names: [] };
  const named =
    clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
  const onlyTypes = !clause.name && named.length > 0 && named.every((e) => e.isTypeOnly);
  return {
    typeOnly: clause.phaseModifier === ts.SyntaxKind.TypeKeyword || onlyTypes,
    names: named.map((e) => (e.propertyName ?? e.name).text),
  };
}

/** @param exists answers for repository paths; it decides which file an extensionless import means. */
export function parseSource(file: string, text: string, exists: (file: string) => boolean): Source {
  const ast = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, names: string[]) => {
    const own = resolve(file, specifier, exists);
    imports.push({ target: own ?? packageOf(specifier), ours: own !== undefined, typeOnly, names });
  };
  walk(ast, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const { typeOnly, names } = clauseOf(node);
      add((node.moduleSpecifier as ts.StringLiteral).text, typeOnly, names);
    } else if (ts.isCallExpression(node)) {
      const [first] = node.arguments;
      const dynamic = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const required = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if ((dynamic || required) && first && ts.isStringLiteralLike(first)) add(first.text, false, []);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal.text, true, []);
    }
  });
  return { path: file, text, ast, imports };
}
