import { describe, expect, it } from "vitest";
import { readPasted } from "@/lib/requests/imports";
import { mayHoldRequest } from "@/lib/requests/imports-hint";
import type { PastedRequest } from "@/lib/requests/imports-pasted";

function only(text: string): PastedRequest {
  const pasted = readPasted(text);
  // The editor asks this first: what it lets by is never read.
  expect(mayHoldRequest(text)).toBe(true);
  if (pasted.kind !== "requests")
    throw new Error(`${pasted.kind}: ${"message" in pasted ? pasted.message : ""}`);
  expect(pasted.requests.length).toBe(1);
  return pasted.requests[0];
}
/** Endpoint id and compact input. */
const gist = (text: string) => {
  const { address, fields } = only(text);
  return [address?.endpointId ?? null, fields.inputText.replace(/\n\s*/g, "").replaceAll('": ', '":')];
};

describe("files and data", () => {
  it("takes a whole body and a test_input.json", () => {
    expect(gist('{ "input": {"a": 1.0} }')).toEqual([null, '{"a":1.0}']);
    expect(only('{"id":"t","input":{"a":1}}').unknownKeys).toEqual(["id"]);
  });

  it("takes the body of an archive's entry", () => {
    const entry = {
      startedDateTime: "2026-01-01",
      request: {
        method: "POST",
        url: "https://api.runpod.ai/v2/abc/run",
        headers: [{ name: "Authorization", value: "Bearer rpa_X" }],
        postData: { mimeType: "application/json", text: '{"input":{"n":1.0}}' },
      },
    };
    const other = { request: { method: "GET", url: "https://api.runpod.ai/v2/abc/status/1" } };
    expect(gist(JSON.stringify(entry))).toEqual(["abc", '{"n":1.0}']);
    const pasted = readPasted(JSON.stringify({ log: { entries: [other, entry, entry] } }));
    expect(pasted).toMatchObject({ kind: "requests", requests: [{}, {}] });
    expect(JSON.stringify(pasted)).not.toContain("rpa_X");
    expect(readPasted(JSON.stringify({ log: { entries: [other] } })).kind).toBe("refused");
  });

  it("takes a Hub file of tests, and each of its known oddities", () => {
    const text = `{"tests":[
      {"name":"plain","input":{"n":1.0},"timeout":30000},
      {"name":"too short","input":{"a":1},"timeout":10},
      {"name":"twice","input":{"input":{"b":2}}},
      {"input":{"name":"inner","input":{"c":3},"timeout":9000}},
      {"name":"negative","input":{}},
      {"name":"http","method":"GET","path":"/ping","expectedStatus":200}
    ],"config":{"gpuTypeId":"X","containerDiskInGb":20}}`;
    const pasted = readPasted(text);
    // The editor asks this first: what it lets by is never read.
    expect(mayHoldRequest(text)).toBe(true);
    if (pasted.kind !== "requests") throw new Error(pasted.kind);
    expect(
      pasted.requests.map(({ name, fields }) => [
        name,
        fields.inputText.replace(/\n\s*/g, ""),
        fields.executionTimeoutMs,
      ]),
    ).toEqual([
      ["plain", '{"n": 1.0}', 30_000],
      ["too short", '{"a": 1}', 5_000],
      ["twice", '{"b": 2}', undefined],
      ["inner", '{"c": 3}', 9_000],
      ["negative", "{}", undefined],
    ]);
    expect(pasted.requests[0].notes.join()).toMatch(/One test has no input/);
    expect(readPasted('{"tests":[],"config":{}}')).toMatchObject({ kind: "refused", message: /no tests/ });
    expect(readPasted('{"tests":[{"method":"GET","path":"/"}]}')).toMatchObject({ kind: "refused" });
    expect(readPasted('[{"hardwareConfig":{},"input":{"a":1}},{"input":{"b":2}}]')).toMatchObject({
      requests: [{}, {}],
    });
  });

  it.each<[name: string, text: string, source: string, input: string]>([
    ["a Python dict", `{'input': {'p': True, }}  # x`, "a Python dict", '{"p":true}'],
    ["a bare Python input", `{'p': None, "q": 'x'}`, "a Python dict", '{"p":null,"q":"x"}'],
    ["a JavaScript object", `{ input: { p: 'x', }, webhook: undefined }`, "a JavaScript object", '{"p":"x"}'],
    [
      "JSON with comments and a trailing comma",
      `{\n  // why\n  "a": 1.0,\n}`,
      "a JavaScript object",
      '{"a":1.0}',
    ],
  ])("reads %s", (_name, text, source, input) => {
    const pasted = readPasted(text);
    // The editor asks this first: what it lets by is never read.
    expect(mayHoldRequest(text)).toBe(true);
    expect(pasted).toMatchObject({ kind: "requests", source });
    expect(gist(text)[1]).toBe(input);
  });

  it.each<[name: string, text: string]>([
    ["an input", '{"prompt":"x"}'],
    ["an input with a field named input", '{"input":"x","n":1}'],
    ["an input with a list of tests", '{"tests":["a"],"prompt":"x"}'],
    ["a list", "[1,2,3]"],
    ["words", "a fox in a curl of smoke, run (fast)"],
    ["words about requests", "please post (it) to the server. run () it"],
    ["half of a JSON text", '"prompt": "x", "n": 1'],
    ["JSON that is broken", '{"a": 1 "b": 2}'],
    ["an array that is cut off", '[{"input":{"a":1}},'],
    ["a Python program that sends nothing", "import subprocess\nsubprocess.run(['ls'])\nasyncio.run(main())"],
    ["nothing", "  \n"],
  ])("leaves %s as text", (_name, text) => expect(readPasted(text)).toEqual({ kind: "text" }));
});
