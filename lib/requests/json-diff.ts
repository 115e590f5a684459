import { jsonTokens } from "@/lib/requests/json-layout";

export type JsonChange = {
  /** `input.steps[2]`; empty for the whole text. */
  path: string;
  /** JSON text of the value on each side, as it is spelled there; null where it is absent. */
  before: string | null;
  after: string | null;
};

/** Where a value stands in its text, and what it holds. */
type Node = {
  text: string;
  from: number;
  to: number;
  children: { keyed: Map<string, Node> } | { listed: Node[] } | null;
};

/** Nobody reads more, and deeper values are compared as text. */
const MAX_CHANGES = 200;
const MAX_DEPTH = 60;

/**
 * How two JSON texts differ in structure: the order of keys and the layout do not matter, the spelling of numbers does.
 * Both must be texts that JSON.parse accepts. Lists are compared place by place, after what is equal at both ends.
 * @returns at most 200 changes; `isCut` says that there are more.
 */
export function diffJson(before: string, after: string): { changes: JsonChange[]; isCut: boolean } {
  const changes: JsonChange[] = [];
  compare(read(before), read(after), "", 0, (change) => {
    changes.push(change);
    return changes.length <= MAX_CHANGES;
  });
  return { changes: changes.slice(0, MAX_CHANGES), isCut: changes.length > MAX_CHANGES };
}

/** One pass over the tokens with a stack of its own: a text may be nested deeper than calls can be. */
function read(text: string): Node {
  const root: Node = { text, from: 0, to: text.length, children: { listed: [] } };
  const open: { node: Node; key: string | null }[] = [{ node: root, key: null }];
  let awaitsKey = false;
  for (const { token, at } of jsonTokens(text)) {
    const top = open.at(-1)!;
    const isObject = top.node.children !== null && "keyed" in top.node.children;
    if (token === "}" || token === "]") {
      top.node.to = at + 1;
      open.pop();
      awaitsKey = false;
    } else if (token === ",") awaitsKey = isObject;
    else if (token === ":") continue;
    else if (awaitsKey) {
      top.key = JSON.parse(token) as string;
      awaitsKey = false;
    } else {
      const children = token === "{" ? { keyed: new Map() } : token === "[" ? { listed: [] } : null;
      const node: Node = { text, from: at, to: at + token.length, children };
      const into = top.node.children!;
      if ("keyed" in into) into.keyed.set(top.key ?? "", node);
      else into.listed.push(node);
      if (children) open.push({ node, key: null });
      awaitsKey = token === "{";
    }
  }
  const value = root.children && "listed" in root.children ? root.children.listed[0] : undefined;
  return value ?? root;
}

const spelled = ({ text, from, to }: Node): string => text.slice(from, to);

/** Strings may be escaped in several ways; everything else is compared as it is spelled. */
function sameScalar(a: Node, b: Node): boolean {
  const [left, right] = [spelled(a), spelled(b)];
  if (left === right) return true;
  return left.startsWith('"') && right.startsWith('"') && JSON.parse(left) === JSON.parse(right);
}

/** @param found takes a change; false: no more are wanted. */
function compare(
  a: Node,
  b: Node,
  path: string,
  depth: number,
  found: (change: JsonChange) => boolean,
): boolean {
  const [left, right] = [a.children, b.children];
  if (left && right && depth < MAX_DEPTH) {
    if ("keyed" in left && "keyed" in right) return compareKeyed(left.keyed, right.keyed, path, depth, found);
    if ("listed" in left && "listed" in right)
      return compareListed(left.listed, right.listed, path, depth, found);
  } else if (!left && !right && sameScalar(a, b)) return true;
  else if (spelled(a) === spelled(b)) return true;
  return found({ path, before: spelled(a), after: spelled(b) });
}

const PLAIN_KEY = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;
const member = (path: string, key: string): string =>
  PLAIN_KEY.test(key) ? (path ? `${path}.${key}` : key) : `${path}[${JSON.stringify(key)}]`;

function compareKeyed(
  a: Map<string, Node>,
  b: Map<string, Node>,
  path: string,
  depth: number,
  found: (change: JsonChange) => boolean,
): boolean {
  for (const [key, node] of a) {
    const other = b.get(key);
    const goesOn = other
      ? compare(node, other, member(path, key), depth + 1, found)
      : found({ path: member(path, key), before: spelled(node), after: null });
    if (!goesOn) return false;
  }
  for (const [key, node] of b)
    if (!a.has(key) && !found({ path: member(path, key), before: null, after: spelled(node) })) return false;
  return true;
}

/** Linear, so that looking for what lists have in common stays so at every depth. */
function isEqual(a: Node, b: Node, depth: number): boolean {
  const [left, right] = [a.children, b.children];
  if (!left || !right || depth >= MAX_DEPTH)
    return spelled(a) === spelled(b) || (!left && !right && sameScalar(a, b));
  if ("listed" in left && "listed" in right)
    return (
      left.listed.length === right.listed.length &&
      left.listed.every((node, i) => isEqual(node, right.listed[i]!, depth + 1))
    );
  if ("keyed" in left && "keyed" in right)
    return (
      left.keyed.size === right.keyed.size &&
      [...left.keyed].every(([key, node]) => {
        const other = right.keyed.get(key);
        return other !== undefined && isEqual(node, other, depth + 1);
      })
    );
  return false;
}

function compareListed(
  a: readonly Node[],
  b: readonly Node[],
  path: string,
  depth: number,
  found: (change: JsonChange) => boolean,
): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  let end = 0;
  if (a.length !== b.length) {
    while (start < shorter && isEqual(a[start]!, b[start]!, depth + 1)) start++;
    while (end < shorter - start && isEqual(a.at(-1 - end)!, b.at(-1 - end)!, depth + 1)) end++;
  }
  for (let i = start; i < Math.max(a.length, b.length) - end; i++) {
    const left = i < a.length - end ? a[i] : undefined;
    const right = i < b.length - end ? b[i] : undefined;
    const at = `${path}[${i}]`;
    const goesOn =
      left && right
        ? compare(left, right, at, depth + 1, found)
        : found({ path: at, before: left ? spelled(left) : null, after: right ? spelled(right) : null });
    if (!goesOn) return false;
  }
  return true;
}
