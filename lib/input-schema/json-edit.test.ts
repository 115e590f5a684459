import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editJson, editJsonAll, type JsonEdit } from "@/lib/input-schema/json-edit";
import { spellingAt } from "@/lib/input-schema/json-spans";
import { childPointer } from "@/lib/input-schema/pointer";

function edit(text: string, change: JsonEdit): string {
  const edited = editJson(text, change);
  if (!edited.ok) throw new Error(edited.message);
  return edited.text;
}

/** JSON texts as people and programs write them: odd blanks, odd numbers, odd keys, keys twice. */
const blank = fc.constantFrom("", " ", "\n", "\n  ", "\t");
const number = fc.constantFrom("1.0", "1e3", "-0", "12345678901234567890", "0.10", "1E-7", "5", "-2.50e+1");
const name = fc.constantFrom("a", "b", "steps", "a/b", "~x", "ünïcode", "", "__proto__", 'q"\\', "0");
const spelledString = fc.oneof(
  fc.constantFrom('"\\u0041"', '"a\\/b"', '"{}[],:"', '"\\\\"', '"\\""'),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const { text: anyText } = fc.letrec<{ text: string; object: string; array: string; scalar: string }>(
  (tie) => ({
    scalar: fc.oneof(number, spelledString, fc.constantFrom("true", "false", "null")),
    object: fc
      .array(fc.tuple(blank, name, blank, blank, tie("text"), blank), { maxLength: 4 })
      .map(
        (members) =>
          `{${members.map(([a, key, b, c, value, d]) => `${a}${JSON.stringify(key)}${b}:${c}${value}${d}`).join(",")}}`,
      ),
    array: fc
      .array(fc.tuple(blank, tie("text"), blank), { maxLength: 4 })
      .map((items) => `[${items.map(([a, value, b]) => `${a}${value}${b}`).join(",")}]`),
    text: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("scalar"), tie("object"), tie("array")),
  }),
);
const rootText = anyText.map((value) => `{"first": 1.0,"it":${value},\n "last":1e3}`);

/** Every place in a value. Own keys only, and each once: of a key that is written twice the last is what counts. */
function places(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
  return [
    path,
    ...keys.flatMap((key) => places((value as Record<string, unknown>)[key], childPointer(path, key))),
  ];
}
const isWithin = (path: string, other: string) => path === other || path.startsWith(`${other}/`);
/** The places besides `path` that are spelled otherwise than before. */
const touched = (before: string, after: string, path: string) =>
  places(JSON.parse(before)).filter(
    (other) => !isWithin(path, other) && spellingAt(after, other) !== spellingAt(before, other),
  );
const at = (text: string, path: string) => JSON.parse(spellingAt(text, path) ?? "null") as unknown;

describe("edits of JSON text", () => {
  it("finds every value where JSON.parse finds it", () => {
    fc.assert(
      fc.property(rootText, (text) => {
        const value = JSON.parse(text) as unknown;
        expect(spellingAt(text, "")).toBe(text);
        expect(places(value).filter((path) => spellingAt(text, path) === null)).toEqual([]);
        expect(at(text, "/it")).toEqual((value as { it: unknown }).it);
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same bytes when a value is set to what it is, at every place", () => {
    fc.assert(
      fc.property(rootText, (text) => {
        for (const path of places(JSON.parse(text))) {
          const spelled = spellingAt(text, path)!;
          if (/^[{[]/.test(spelled)) continue;
          expect(edit(text, { op: "set", path, json: spelled })).toBe(text);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives the same bytes after a change and back, and touches nothing else meanwhile", () => {
    fc.assert(
      fc.property(rootText, fc.nat(), number, (text, seed, json) => {
        const all = places(JSON.parse(text));
        const leaves = all.filter((path) => !/^[{[]/.test(spellingAt(text, path)!));
        const path = leaves[seed % leaves.length]!;
        const changed = edit(text, { op: "set", path, json });
        expect(spellingAt(changed, path)).toBe(json);
        expect(touched(text, changed, path)).toEqual([]);
        expect(edit(changed, { op: "set", path, json: spellingAt(text, path)! })).toBe(text);
      }),
      { numRuns: 1_500 },
    );
  });

  it("gives the same bytes after a member is added and removed", () => {
    fc.assert(
      fc.property(rootText, fc.nat(), number, (text, seed, json) => {
        const objects = places(JSON.parse(text)).filter((path) => spellingAt(text, path)!.startsWith("{"));
        const path = childPointer(objects[seed % objects.length]!, "new");
        const added = edit(text, { op: "set", path, json });
        expect(spellingAt(added, path)).toBe(json);
        expect(touched(text, added, path)).toEqual([]);
        expect(edit(added, { op: "remove", path })).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives the same bytes after items are put in and taken out, moved and moved back", () => {
    fc.assert(
      fc.property(rootText, fc.nat(), fc.nat(), fc.nat(), (text, seed, from, to) => {
        const arrays = places(JSON.parse(text)).filter((path) => /^\[/.test(spellingAt(text, path)!));
        if (arrays.length === 0) return;
        const list = arrays[seed % arrays.length]!;
        const items = at(text, list) as unknown[];
        const path = childPointer(list, from % (items.length + 1));
        const added = edit(text, { op: "insert", path, json: "1.50" });
        expect((at(added, list) as unknown[]).length).toBe(items.length + 1);
        expect(spellingAt(added, path)).toBe("1.50");
        expect(edit(added, { op: "remove", path })).toBe(text);
        if (items.length === 0) return;
        const [source, target] = [from % items.length, to % items.length];
        const moved = edit(text, { op: "move", path: childPointer(list, source), to: target });
        const expected = [...items];
        expected.splice(target, 0, ...expected.splice(source, 1));
        expect(at(moved, list)).toEqual(expected);
        expect(edit(moved, { op: "move", path: childPointer(list, target), to: source })).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives the same bytes after a key is renamed and renamed back", () => {
    fc.assert(
      fc.property(rootText, (text) => {
        const renamed = edit(text, { op: "rename", path: "/it", key: "x" });
        expect(spellingAt(renamed, "/x")).toBe(spellingAt(text, "/it"));
        expect(edit(renamed, { op: "rename", path: "/x", key: "it" })).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[name: string, text: string, change: JsonEdit, expected: string]>([
    [
      "adds a member in the layout of its neighbours",
      '{\n    "a": 1.0\n}',
      { op: "set", path: "/b", json: "2" },
      '{\n    "a": 1.0,\n    "b": 2\n}',
    ],
    ["adds to an empty object", "{}", { op: "set", path: "/a", json: "1" }, '{"a": 1}'],
    [
      "adds to an empty object in a text with lines",
      '{\n  "a": {}\n}',
      { op: "set", path: "/a/b", json: '{"c":1.0}' },
      '{\n  "a": {\n    "b": {\n      "c": 1.0\n    }\n  }\n}',
    ],
    [
      "adds the objects on the way",
      '{"a": 1}',
      { op: "set", path: "/b/c/d", json: "1e3" },
      '{"a": 1, "b": {"c":{"d":1e3}}}',
    ],
    ["adds at the end of a list", '{"a": [1,2]}', { op: "set", path: "/a/2", json: "3" }, '{"a": [1,2,3]}'],
    [
      "changes the last of a key that is written twice",
      '{"a":1,"a":2}',
      { op: "set", path: "/a", json: "3" },
      '{"a":1,"a":3}',
    ],
    [
      "removes a key that is written twice wholly",
      '{"a":1,"b":0,"a":2}',
      { op: "remove", path: "/a" },
      '{"b":0}',
    ],
    ["removes the only member", '{ "a": 1 }', { op: "remove", path: "/a" }, "{}"],
    ["replaces the whole", " 1 ", { op: "set", path: "", json: "{}" }, " {} "],
    [
      "takes names of JavaScript's own",
      "{}",
      { op: "set", path: "/__proto__", json: "1" },
      '{"__proto__": 1}',
    ],
  ])("%s", (_name, text, change, expected) => expect(edit(text, change)).toBe(expected));

  it.each<[name: string, text: string, change: JsonEdit, message: RegExp]>([
    ["a member of a number", '{"a":1}', { op: "set", path: "/a/b", json: "1" }, /\/a is not an object/],
    ["an item far beyond the end", '{"a":[]}', { op: "set", path: "/a/5", json: "1" }, /beyond the end/],
    ["the removal of what is not there", "{}", { op: "remove", path: "/a" }, /not in the input/],
    ["the removal of everything", "{}", { op: "remove", path: "" }, /cannot be removed/],
    ["a move out of the list", "[1]", { op: "move", path: "/0", to: 1 }, /beyond the end/],
    ["a name that is taken", '{"a":1,"b":2}', { op: "rename", path: "/a", key: "b" }, /named b already/],
    ["an item where no list is", '{"a":{}}', { op: "insert", path: "/a/0", json: "1" }, /not a list/],
  ])("refuses %s", (_name, text, change, message) => {
    const edited = editJson(text, change);
    expect(edited.ok ? "" : edited.message).toMatch(message);
  });

  it("applies several edits or none", () => {
    expect(
      editJsonAll('{"a":1.0}', [
        { op: "set", path: "/b", json: "[]" },
        { op: "insert", path: "/b/0", json: "1" },
      ]),
    ).toEqual({ ok: true, text: '{"a":1.0, "b": [1]}' });
    expect(
      editJsonAll("{}", [
        { op: "set", path: "/a", json: "1" },
        { op: "remove", path: "/x" },
      ]).ok,
    ).toBe(false);
  });

  it("finds its way through deep and long texts", () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"b":1.0}`;
    expect(edit(deep, { op: "set", path: "/b", json: "2" }).endsWith('"b":2}')).toBe(true);
    const long = `{"a":"${"\\\\".repeat(500_000)}","b":1.0}`;
    expect(spellingAt(long, "/b")).toBe("1.0");
  });
});
