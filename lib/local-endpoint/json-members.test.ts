import fc from "fast-check";
import { expect, it } from "vitest";
import { readMembers, spliceMembers } from "@/lib/local-endpoint/json-members";

it.each([
  ['{"a":1.0,"b":"x"}', { a: "1.0", b: '"x"' }],
  [' { "a" : [1, {"b":"}"}] , "c":{"d":"\\"," } } ', { a: '[1, {"b":"}"}]', c: '{"d":"\\"," }' }],
  ['{"a":1,"a":2}', { a: "2" }],
  ['{"\\u0061":"\\\\"}', { a: '"\\\\"' }],
  ["{}", {}],
])("cuts %s at its top level and keeps each spelling", (text, members) => {
  expect(Object.fromEntries(readMembers(text))).toEqual(members);
});

it.each(["", "[]", "null", '{"a":1', '{"a":NaN}', '"x"'])("refuses %s", (text) => {
  expect(() => readMembers(text)).toThrow(SyntaxError);
});

it("finds in any object what JSON.parse finds, and splices it together again", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const members = readMembers(text);
      for (const [key, raw] of members) expect(JSON.parse(raw)).toEqual(JSON.parse(text)[key]);
      expect(JSON.parse(spliceMembers(Object.fromEntries(members)))).toEqual(JSON.parse(text));
    }),
  );
});
