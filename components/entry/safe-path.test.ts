import { expect, it } from "vitest";
import { safePath } from "@/components/entry/safe-path";

it.each<[next: string | undefined, path: string]>([
  ["/acme/jobs?state=FAILED", "/acme/jobs?state=FAILED"],
  ["/", "/"],
  [undefined, "/"],
  ["", "/"],
  ["https://evil.example", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["acme", "/"],
])("next=%j leads to %j", (next, path) => expect(safePath(next)).toBe(path));
