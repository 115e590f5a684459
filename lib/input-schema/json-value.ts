export type JsonObject = { [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Own members only: `toString` and `__proto__` are keys like any other in hostile JSON. */
export const has = (object: object, key: string): boolean => Object.hasOwn(object, key);

export const member = (object: unknown, key: string): unknown =>
  isObject(object) && has(object, key) ? object[key] : undefined;

export type JsonType = "null" | "boolean" | "number" | "string" | "array" | "object";

export function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as JsonType;
}

/** Equal for JSON Schema exactly when the texts are: keys sorted, 1.0 as 1. Iterates shallowly enough for bounded values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value === undefined ? null : Object.is(value, -0) ? 0 : value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}

/** Sets a member under any name, `__proto__` too. */
export function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
