import { parser as goParser } from "@lezer/go";
import { parser as pythonParser } from "@lezer/python";

type Tree = ReturnType<typeof goParser.parse>;
type SyntaxNode = Tree["topNode"];

/**
 * What a program would send, found by parsing it with its language's grammar: for machines that cannot run it.
 * @throws Error where the text is no program of the language, or puts its body together in another way.
 */
export function bodyOfProgram(
  language: "python" | "go",
  program: string,
  env: Record<string, string>,
): string {
  const tree = (language === "go" ? goParser : pythonParser).parse(program);
  refuseFaults(tree, program);
  const [statement, literal] =
    language === "go"
      ? (["VarDecl", readGoString] as const)
      : (["AssignStatement", readPythonString] as const);
  const body = find(tree, (node) => {
    const name = node.name === statement ? node.firstChild : null;
    return name !== null && program.slice(name.from, name.to) === "body";
  });
  let text = "";
  let since = body.from;
  // Its strings in order; what stands before each says whether it is text or names a variable.
  body.cursor().iterate(({ name, from, to }) => {
    if (name !== "String") return;
    const before = program.slice(since, from).trim();
    const written = literal(program.slice(from, to));
    if (/^(body\s*:?=|\+|[)\]]+ \+)$/.test(before)) text += written;
    else if (/\+ (jsonOf\(|json\.dumps\(os\.environ\[)$/.test(before)) text += JSON.stringify(env[written]);
    else fail(`cannot read ${before}`);
    since = to;
  });
  return text;
}

function fail(words: string): never {
  throw new Error(words);
}

function refuseFaults(tree: Tree, program: string): void {
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) fail(`not a program: …${program.slice(Math.max(0, from - 40), from + 40)}…`);
    },
  });
}

function find(tree: Tree, wanted: (node: SyntaxNode) => boolean): SyntaxNode {
  let found: SyntaxNode | undefined;
  tree.iterate({
    enter: ({ node }) => {
      if (!found && wanted(node)) found = node;
    },
  });
  return found ?? fail("the program names no body");
}

/** The value of a literal as the language defines it; throws on what is none. */
function readPythonString(literal: string): string {
  const raw = /^r"""([\s\S]*)"""$/.exec(literal)?.[1];
  if (raw === undefined) return JSON.parse(literal) as string;
  return raw.includes('"""') || raw.includes("\r") ? fail("a raw string that Python changes") : raw;
}

const GO_MARKS: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
};

export function readGoString(literal: string): string {
  if (literal.startsWith("`")) {
    const raw = literal.slice(1, -1);
    return /[`\r\ufeff]/.test(raw) ? fail("a raw string that Go changes") : raw;
  }
  if (!/^"(?:[^"\\\n\ufeff]|\\(?:[abfnrtv\\"]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))*"$/.test(literal))
    fail(`not a Go string: ${literal.slice(0, 80)}`);
  return literal
    .slice(1, -1)
    .replace(/\\(?:u(.{4})|(.))/g, (_, hex: string | undefined, mark: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (GO_MARKS[mark] ?? mark),
    );
}
