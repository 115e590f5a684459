/** JSON pointers (RFC 6901): "" is the whole value, "/a~1b/0" the first item of the member "a/b". */

const escapePart = (part: string): string => part.replaceAll("~", "~0").replaceAll("/", "~1");

export const childPointer = (pointer: string, key: string | number): string =>
  `${pointer}/${typeof key === "number" ? key : escapePart(key)}`;

export const toPointer = (path: readonly (string | number)[]): string =>
  path.map((key) => `/${escapePart(String(key))}`).join("");

export const pointerParts = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
