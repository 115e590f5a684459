import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestSchema } from "@/lib/requests/schema";
import { type SnippetForm, snippetNotes, writeSnippet } from "@/lib/requests/snippets";
import { goLiteral } from "@/lib/requests/snippets-literals";
import { type SnippetTarget, snippetTarget } from "@/lib/requests/snippets-target";
import { type Bench, hasTool, openBench, startListener } from "@/lib/requests/testing-programs";
import { bodyOfProgram, readGoString } from "@/lib/requests/testing-reading";
import { wireBody } from "@/lib/requests/wire";

const spec = (fields: object = {}) => requestSchema.parse({ inputText: '{"prompt":"fox"}', ...fields });
const S3 = {
  accessId: "AKIAIOSFODNN7EXAMPLE",
  accessSecret: "planted-s3-secret",
  bucketName: `b"u'c,"s3Config":{"accessId":"x`,
  endpointUrl: "https://s3.example",
};
const FULL = { webhook: "https://w.example/h?a=it's&b=$HOME", ttlMs: 10_000, lowPriority: true };

/** Texts that some quoting of some language gets wrong. */
const NASTY = [
  `it's "quoted" and 'single' and '''triple''' and """more"""`,
  "back\\slash, \\\\ two, \\n written, \\u0041, trailing \\",
  "line\nbreak\r\nand\ttab and \b\f\v\u0000\u001b\u007f\u0085",
  "$HOME \u0024{HOME} $(id) `id` !! %s %% {{x}} #{y} \u0024{'$'}",
  "</script><script>alert(1)</script><!-- -->",
  "é ü 漢字 🙂 👩‍👩‍👧 \u200b\u202e\u2028\u2029\ufeff\u00ad \ufffe\uffff",
  "EOF\nJSON\n--data @file\n';--\n",
  'r""" String.raw` \\` \\${',
];
const oddNumber = fc.constantFrom("1.0", "1e3", "1E+3", "-0", "0.10", "12345678901234567890", "1e400");
const blank = fc.constantFrom("", " ", "\n\t", "\r\n  ");
const anyText = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary" }), fc.string());
const stringToken = anyText.map((text) => JSON.stringify(text));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    stringToken,
    oddNumber,
    fc.constantFrom("true", "false", "null"),
    fc.tuple(blank, fc.array(tie("value"), { maxLength: 3 })).map(([b, list]) => `[${list.join(`${b},`)}]`),
    fc
      .tuple(blank, fc.array(fc.tuple(stringToken, tie("value")), { maxLength: 3 }))
      .map(([b, members]) => `{${b}${members.map(([k, v]) => `${k}${b}:${v}`).join(",")}}`),
  ),
}));
const oddInput = fc
  .tuple(blank, fc.array(fc.tuple(stringToken, value), { minLength: 1, maxLength: 3 }))
  .map(([b, members]) => `{${b}${members.map(([k, v]) => `${k}:${v}`).join(`,${b}`)}${b}}`);
/** What JSON.stringify would print itself, so that an SDK which parses and prints must give it back to the letter. */
const plainInput = fc
  .dictionary(anyText, fc.jsonValue(), { minKeys: 1, maxKeys: 4, noNullPrototype: true })
  .map((object) => JSON.stringify(JSON.parse(JSON.stringify(object))));

let bench: Bench;
let listener: Awaited<ReturnType<typeof startListener>>;
let target: SnippetTarget;
beforeAll(async () => {
  bench = openBench();
  listener = await startListener();
  target = snippetTarget({ kind: "local", baseUrl: null, upstreamId: "sample-text" }, listener.origin);
});
afterAll(async () => {
  await listener.close();
  bench.clear();
});

const EXTENSIONS = {
  curl: "sh",
  "python-sdk": "py",
  "python-requests": "py",
  "javascript-sdk": "mjs",
  "javascript-fetch": "mjs",
  go: "go",
} as const;

/** What cannot be run here is read by the language's own grammar instead. curl has a stand-in behind a real shell. */
const toReadOnly: Partial<Record<SnippetForm, "python" | "go">> = {
  ...(!hasTool("python3", "--version") && { "python-sdk": "python", "python-requests": "python" }),
  ...(!hasTool("go", "version") && { go: "go" }),
};
const KEY = { RUNPOD_API_KEY: "key-from-environment" };

/** Run one program per request and hand back the bodies that arrived. */
async function deliver(
  form: SnippetForm,
  specs: ReturnType<typeof spec>[],
  env: Record<string, string> = {},
): Promise<string[]> {
  const programs = specs.map((each) => writeSnippet(form, each, target));
  const language = toReadOnly[form];
  if (language) return programs.map((program) => bodyOfProgram(language, program, env));
  listener.arrivals.length = 0;
  await bench.run(EXTENSIONS[form], programs, { ...KEY, ...env });
  for (const { url, authorization, contentType } of listener.arrivals)
    expect([url, authorization, contentType]).toEqual([
      "/local/v2/sample-text/run",
      "Bearer key-from-environment",
      "application/json",
    ]);
  return listener.arrivals.map(({ body }) => body);
}

/** Lone surrogates leave as U+FFFD, from a program as from Jobdeck. */
const onTheWire = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));

describe.each<[form: SnippetForm]>([["curl"], ["python-requests"], ["javascript-fetch"], ["go"]])(
  "%s, run",
  (form) => {
    it("law: delivers to the letter what Jobdeck would send", { timeout: 90_000 }, () =>
      fc.assert(
        fc.asyncProperty(fc.array(oddInput, { minLength: 25, maxLength: 25 }), async (inputs) => {
          const specs = inputs.map((inputText, index) => spec({ inputText, ...(index % 2 ? FULL : {}) }));
          expect(await deliver(form, specs)).toEqual(specs.map((each) => onTheWire(wireBody(each))));
        }),
        { numRuns: form === "go" && !toReadOnly.go ? 1 : 3, endOnFailure: true },
      ),
    );

    it("takes each nasty text, a long body and the S3 secrets", async () => {
      const specs = [
        ...NASTY.map((text) => spec({ inputText: JSON.stringify({ [text]: [text, { text }] }) })),
        spec({ inputText: JSON.stringify({ image: "aB3/".repeat(100_000), quote: "'" }) }),
      ];
      expect(await deliver(form, specs)).toEqual(specs.map((each) => wireBody(each)));
      const secret = spec({ inputText: JSON.stringify({ text: NASTY[3] }), s3: S3, ...FULL });
      const env = { S3_ACCESS_KEY_ID: S3.accessId, S3_SECRET_ACCESS_KEY: S3.accessSecret };
      expect(await deliver(form, [secret], env)).toEqual([wireBody(secret)]);
    });
  },
);

describe("the SDK forms, run with packages that print what they are given", () => {
  it(
    "law: JavaScript delivers the body to the letter where printing anew keeps it",
    {
      timeout: 90_000,
    },
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(plainInput, { minLength: 40, maxLength: 40 }), async (inputs) => {
          const specs = inputs.map((inputText) => spec({ inputText }));
          expect(await deliver("javascript-sdk", specs)).toEqual(specs.map((each) => wireBody(each)));
        }),
        { numRuns: 2, endOnFailure: true },
      ),
  );

  it("law: Python delivers the same value", { timeout: 90_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(plainInput, { minLength: 40, maxLength: 40 }), async (inputs) => {
        const specs = inputs.filter((text) => text !== "{}").map((inputText) => spec({ inputText, ...FULL }));
        const bodies = await deliver("python-sdk", specs);
        expect(bodies.map((body) => JSON.parse(body))).toEqual(
          specs.map((each) => JSON.parse(wireBody(each))),
        );
      }),
      { numRuns: 2, endOnFailure: true },
    ),
  );

  it("say so where a number would be spelled anew, and only there", async () => {
    const cases: [text: string, python: boolean, javascript: boolean][] = [
      ['{"a":1,"b":-7,"c":1.5,"d":"1e3"}', false, false],
      ['{"a":1.0}', false, true],
      ['{"a":12345678901234567890}', false, true],
      ['{"a":1e3}', true, true],
      ['{"a":-0}', true, true],
    ];
    for (const [inputText, python, javascript] of cases) {
      const notes = (form: SnippetForm) => snippetNotes(form, spec({ inputText })).join(" ");
      expect([
        /anew/.test(notes("python-sdk")),
        /anew/.test(notes("javascript-sdk")),
        /anew/.test(notes("curl")),
      ]).toEqual([python, javascript, false]);
    }
    const kept = cases.filter(([, python]) => !python).map(([inputText]) => spec({ inputText }));
    expect((await deliver("python-sdk", kept)).map((body) => body.replaceAll(/(?<=[,:]) /g, ""))).toEqual(
      kept.map((each) => wireBody(each)),
    );
  });
});

it("law: Go's literal means the text that it was made of", () => {
  fc.assert(
    fc.property(fc.oneof(anyText, oddInput), (text) => {
      expect(readGoString(goLiteral(text))).toBe(onTheWire(text));
    }),
    { numRuns: 500 },
  );
});

it("law: reading a program by its grammar finds the body that running it sends", () => {
  fc.assert(
    fc.property(oddInput, fc.boolean(), (inputText, isFull) => {
      const full = spec({ inputText, ...(isFull && { ...FULL, s3: S3 }) });
      const env = { S3_ACCESS_KEY_ID: S3.accessId, S3_SECRET_ACCESS_KEY: S3.accessSecret };
      for (const [form, language] of [
        ["python-requests", "python"],
        ["python-sdk", "python"],
        ["go", "go"],
      ] as const)
        expect(bodyOfProgram(language, writeSnippet(form, full, target), env)).toBe(
          onTheWire(wireBody(full)),
        );
    }),
    { numRuns: 60 },
  );
});

it("reading a program refuses what is none", () => {
  const go = writeSnippet("go", spec(), target);
  expect(() => bodyOfProgram("go", go.replace("func main() {", "func main( {"), {})).toThrow("not a program");
  const python = writeSnippet("python-requests", spec(), target);
  expect(() => bodyOfProgram("python", python.replace("body = ", "body = ="), {})).toThrow("not a program");
});

describe("what a snippet says", () => {
  const forms = Object.keys(EXTENSIONS) as SnippetForm[];
  it.each(forms)("%s holds no secret and no key, and names the variables", (form) => {
    const text = writeSnippet(form, spec({ s3: S3, inputText: '{"accessId":"of the input"}' }), target);
    expect(text).not.toContain(S3.accessId);
    expect(text).not.toContain(S3.accessSecret);
    expect(text).toContain("RUNPOD_API_KEY");
    expect(text).toContain("S3_ACCESS_KEY_ID");
    expect(text).toContain("S3_SECRET_ACCESS_KEY");
    expect(text).toContain("of the input");
  });

  it.each<[kind: "runpod" | "custom" | "local", baseUrl: string | null, url: string]>([
    ["runpod", null, "https://api.runpod.ai/v2/abc123/run"],
    ["custom", "https://proxy.example/x/v2", "https://proxy.example/x/v2/abc123/run"],
    ["local", null, "http://192.168.1.5:3000/local/v2/abc123/run"],
  ])("a %s endpoint is reached at its own address", (kind, baseUrl, url) => {
    const place = snippetTarget({ kind, baseUrl, upstreamId: "abc123" }, "http://192.168.1.5:3000");
    expect(place.url).toBe(url);
    for (const form of ["curl", "python-requests", "javascript-fetch", "go"] as const)
      expect(writeSnippet(form, spec(), place)).toContain(url);
    for (const form of ["python-sdk", "javascript-sdk"] as const)
      expect(writeSnippet(form, spec(), place).includes(place.baseUrl)).toBe(kind !== "runpod");
  });

  it("an address full of marks stays an address", async () => {
    const place = snippetTarget(
      { kind: "custom", baseUrl: `${listener.origin}/a'b"$(id)\`c\`{d,e}[1-3]`, upstreamId: "x" },
      "",
    );
    listener.arrivals.length = 0;
    const env = { RUNPOD_API_KEY: "k" };
    await bench.run("sh", [writeSnippet("curl", spec(), place)], env);
    await bench.run("mjs", [writeSnippet("javascript-fetch", spec(), place)], env);
    const python = writeSnippet("python-requests", spec(), place);
    if (toReadOnly["python-requests"]) expect(bodyOfProgram("python", python, {})).toBe(wireBody(spec()));
    else await bench.run("py", [python], env);
    expect(bodyOfProgram("go", writeSnippet("go", spec(), place), {})).toBe(wireBody(spec()));
    const paths = listener.arrivals.map(({ url }) => decodeURIComponent(url));
    expect(new Set(paths)).toEqual(new Set(["/a'b\"$(id)`c`{d,e}[1-3]/x/run"]));
    expect(paths.length).toBeGreaterThan(1);
  });
});
