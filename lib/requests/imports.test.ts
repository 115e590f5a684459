import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPasted } from "@/lib/requests/imports";
import { mayHoldRequest } from "@/lib/requests/imports-hint";
import type { PastedRequest } from "@/lib/requests/imports-pasted";
import { requestSchema } from "@/lib/requests/schema";
import { type SnippetForm, writeSnippet } from "@/lib/requests/snippets";
import { snippetTarget } from "@/lib/requests/snippets-target";

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

describe("curl", () => {
  it.each<[name: string, text: string, endpoint: string | null, input: string]>([
    [
      "the documentation's own form",
      `curl --request POST \\
     --url https://api.runpod.ai/v2/abc123/run \\
     --header "accept: application/json" \\
     --header "authorization: $RUNPOD_API_KEY" \\
     --header "content-type: application/json" \\
     --data '
{
  "input": {
    "prompt": "A cute fluffy white dog"
  }
}
'`,
      "abc123",
      '{"prompt":"A cute fluffy white dog"}',
    ],
    [
      "runsync with a query",
      `curl 'https://api.runpod.ai/v2/q-w_3/runsync?wait=5000' -d '{"input":{"a":1.0}}'`,
      "q-w_3",
      '{"a":1.0}',
    ],
    [
      "flags run together",
      `curl -sSXPOST https://api.runpod.ai/v2/abc/run -H'Content-Type: application/json' -d'{"input":{"n":12345678901234567890}}'`,
      "abc",
      '{"n":12345678901234567890}',
    ],
    [
      "double quotes with escapes",
      `curl https://api.runpod.ai/v2/abc/run -d "{\\"input\\": {\\"p\\": \\"a \\\\n b \\$5\\"}}"`,
      "abc",
      '{"p":"a \\n b $5"}',
    ],
    [
      "Chrome's $'…' quoting",
      `curl 'https://api.runpod.ai/v2/abc/run' -H 'authorization: Bearer rpa_X' --data-raw $'{"input":{"p":"it\\'s \\u00e9\\u0021 \\\\n"}}'`,
      "abc",
      '{"p":"it\'s é! \\n"}',
    ],
    ["--json", `curl --json '{"input":{"a":[1,2]}}' https://api.runpod.ai/v2/abc/run`, "abc", '{"a":[1,2]}'],
    [
      "a here-document",
      `curl -X POST https://api.runpod.ai/v2/abc/run -d @- <<'EOF'\n{"input": {"p": "$HOME \\"x\\""}}\nEOF`,
      "abc",
      '{"p":"$HOME \\"x\\""}',
    ],
    [
      "an expanding here-document piped through cat",
      `P=fox\ncat <<EOF | curl https://api.runpod.ai/v2/abc/run --data-binary @-\n{"input": {"p": "$P"}}\nEOF\n`,
      "abc",
      '{"p":"fox"}',
    ],
    [
      "$(cat <<EOF)",
      `curl https://api.runpod.ai/v2/abc/run -d "$(cat <<EOF\n{"input": {"p": "x"}}\nEOF\n)"`,
      "abc",
      '{"p":"x"}',
    ],
    [
      "echo in front",
      `echo '{"input":{"p":"x"}}' | curl -X POST -d @- https://api.runpod.ai/v2/abc/run`,
      "abc",
      '{"p":"x"}',
    ],
    [
      "variables that the script sets",
      `export ENDPOINT=abc\nBODY='{"input":{"p":1}}'\ncurl "https://api.runpod.ai/v2/\${ENDPOINT}/run" -d "$BODY" | jq .`,
      "abc",
      '{"p":1}',
    ],
    [
      "a prompt in front and another program behind",
      `$ curl -s https://api.runpod.ai/v2/abc/run -d '{"input":{"p":1}}' | jq -r .id`,
      "abc",
      '{"p":1}',
    ],
    [
      "the Windows command line",
      `curl ^"https://api.runpod.ai/v2/abc/run^" ^\r\n  -H ^"content-type: application/json^" ^\r\n  --data-raw ^"^{^\\^"input^\\^":^{^\\^"p^\\^":1^}^}^"`,
      "abc",
      '{"p":1}',
    ],
    [
      "PowerShell's line ends",
      'curl.exe -X POST `\n  https://api.runpod.ai/v2/abc/run `\n  -d \'{"input":{"p":1}}\'',
      "abc",
      '{"p":1}',
    ],
    ["a proxy's address", `curl http://10.0.0.5:8080/x/v2/abc/run -d '{"input":{"p":1}}'`, "abc", '{"p":1}'],
    [
      "a worker's own test server",
      `curl -X POST http://localhost:8000/runsync -H "Content-Type: application/json" -d '{"input": {"p": 1}}'`,
      null,
      '{"p":1}',
    ],
    [
      "an address to be filled in",
      `curl https://api.runpod.ai/v2/<ENDPOINT_ID>/run -d '{"input":{"p":1}}'`,
      null,
      '{"p":1}',
    ],
    [
      "a body without input",
      `curl https://api.runpod.ai/v2/abc/run -d '{"prompt":"x"}'`,
      "abc",
      '{"prompt":"x"}',
    ],
  ])("%s", (_name, text, endpoint, input) => expect(gist(text)).toEqual([endpoint, input]));

  it("puts the whole contract into its fields, and says what it dropped", () => {
    const body = `{"input":{"p":"x"},"webhook":"https://w.example/h","policy":{"executionTimeout":60000,"ttl":120000,"lowPriority":true,"color":1},"s3Config":{"accessId":"AKIA","accessSecret":"sec","bucketName":"b","endpointUrl":"https://s3.example"},"extra":1,"webhookV2":"x"}`;
    const request = only(
      `curl https://api.runpod.ai/v2/abc/runsync -H "Authorization: Bearer rpa_SECRETKEY" -H 'X-Trace: 1' -d '${body}'`,
    );
    expect(request.fields).toEqual({
      inputText: '{\n  "p": "x"\n}',
      webhook: "https://w.example/h",
      executionTimeoutMs: 60_000,
      ttlMs: 120_000,
      lowPriority: true,
      s3: { accessId: "AKIA", accessSecret: "sec", bucketName: "b", endpointUrl: "https://s3.example" },
    });
    expect(request.unknownKeys).toEqual(["extra", "webhookV2", "policy.color"]);
    expect(request.notes.join(" ")).toMatch(/\/runsync.*key.*dropped.*X-Trace/s);
    expect(JSON.stringify(request)).not.toContain("rpa_SECRETKEY");
  });

  it("names a variable that nobody set", () =>
    expect(
      only(`curl https://api.runpod.ai/v2/a/run -d "{\\"input\\":{\\"p\\":\\"$PROMPT\\"}}"`).notes.join(),
    ).toMatch(/\$PROMPT/));

  it.each<[name: string, text: string, says: RegExp]>([
    ["a file as body", "curl https://api.runpod.ai/v2/a/run -d @body.json", /file body\.json/],
    ["a form", "curl https://api.runpod.ai/v2/a/run -F image=@x.png", /form/],
    ["another operation", "curl https://api.runpod.ai/v2/a/status/j1", /\/status/],
    [
      "the OpenAI route",
      `curl https://api.runpod.ai/v2/a/openai/v1/chat/completions -d '{"model":"x"}'`,
      /openai/,
    ],
    ["no body", "curl -X POST https://api.runpod.ai/v2/a/run", /no body/],
    ["another site", `curl https://example.com/api -d '{"a":1}'`, /neither/],
    ["a cut-off command", `curl https://api.runpod.ai/v2/a/run -d '{"input":{`, /never closed/],
    ["a broken body", `curl https://api.runpod.ai/v2/a/run -d '{"input":{"a":}}'`, /expected a value/],
    ["an input that is a text", `curl https://api.runpod.ai/v2/a/run -d '{"input":"x"}'`, /not an object/],
  ])("refuses %s with words", (_name, text, says) => {
    const pasted = readPasted(text);
    // The editor asks this first: what it lets by is never read.
    expect(mayHoldRequest(text)).toBe(true);
    expect(pasted).toMatchObject({ kind: "refused", message: expect.stringMatching(says) });
  });
});

describe("Python", () => {
  it.each<[name: string, text: string, endpoint: string | null, input: string]>([
    [
      "the SDK's README",
      `import runpod
import os

runpod.api_key = os.getenv("RUNPOD_API_KEY")
endpoint = runpod.Endpoint("abc123")

try:
    run_request = endpoint.run_sync(
        {
            "input": {
                "prompt": "Hello, world!",  # what to say
                "flag": True, "none": None, 'seed': 1_000, "half": .5, "whole": 1., "big": 12345678901234567890,
            }
        },
        timeout=60,
    )
    print(run_request)
except TimeoutError:
    print("Job timed out.")`,
      "abc123",
      '{"prompt":"Hello, world!","flag":true,"none":null,"seed":1000,"half":0.5,"whole":1.0,"big":12345678901234567890}',
    ],
    [
      "a dict without input, which the SDK wraps",
      `endpoint = runpod.Endpoint("a")\njob = endpoint.run({"prompt": "x"})`,
      "a",
      '{"prompt":"x"}',
    ],
    [
      "names that are assigned",
      `ENDPOINT_ID = "a"\nprompt: str = "fox"\npayload = {"input": {"prompt": prompt, "n": (1, 2,)}}\nep = runpod.Endpoint(ENDPOINT_ID)\nep.run(payload)`,
      "a",
      '{"prompt":"fox","n":[1,2]}',
    ],
    [
      "requests with json=",
      `import requests\nresponse = requests.post('https://api.runpod.ai/v2/a/run', headers={"Authorization": f"Bearer {KEY}"}, json={'input': {'p': 'it\\'s'}})`,
      "a",
      '{"p":"it\'s"}',
    ],
    [
      "requests with data=json.dumps",
      `import requests, json\nurl = f"https://api.runpod.ai/v2/{eid}/runsync"\neid = "a"\ndata = {"input": {"p": "x"}}\nr = requests.request("POST", url, data=json.dumps(data))`,
      "a",
      '{"p":"x"}',
    ],
    [
      "urllib",
      `import urllib.request\nreq = urllib.request.Request("https://api.runpod.ai/v2/a/run", data=json.dumps({"input": {"p": 1}}).encode("utf-8"))`,
      "a",
      '{"p":1}',
    ],
    [
      "triple quotes, raw and joined texts",
      `runpod.Endpoint("a").run({"input": {"a": """one\n"two" """, 'b': r'\\d+', "c": "x" "y"\n 'z', "d": "\\x41\\u00e9\\t"}})`,
      "a",
      '{"a":"one\\n\\"two\\" ","b":"\\\\d+","c":"xyz","d":"Aé\\t"}',
    ],
    [
      "dict() and **",
      `base = {"steps": 4}\nrunpod.Endpoint("a").run({"input": dict(p="x"), })\n`,
      "a",
      '{"p":"x"}',
    ],
    [
      "a spread",
      `base = {"steps": 4}\nrunpod.Endpoint("a").run({"input": {**base, "p": "x"}})\n`,
      "a",
      '{"steps":4,"p":"x"}',
    ],
    [
      "the asyncio class",
      `from runpod import AsyncioEndpoint\nep = AsyncioEndpoint("a", session)\njob = await ep.run({"prompt": "x"})\nasyncio.run(main())`,
      "a",
      '{"prompt":"x"}',
    ],
    [
      "a text of JSON",
      `requests.post("https://api.runpod.ai/v2/a/run", data='{"input": {"n": 1e3}}')`,
      "a",
      '{"n":1e3}',
    ],
  ])("%s", (_name, text, endpoint, input) => {
    expect(gist(text)).toEqual([endpoint, input]);
  });

  it("leaves a placeholder for what would have to be computed, and says so", () => {
    const request = only(
      `runpod.Endpoint("a").run({"input": {"image": base64.b64encode(open("x.png", "rb").read()).decode(), "ttl": 24 * 3600, "p": f"a {animal}"}})`,
    );
    const input = JSON.parse(request.fields.inputText);
    expect(input.image).toMatch(/^<base64/);
    expect(input).toMatchObject({ ttl: "<24 * 3600>", p: "a {animal}" });
    expect(request.notes.join(" ")).toMatch(/base64.*24 \* 3600.*animal/);
  });
});

describe("JavaScript", () => {
  it.each<[name: string, text: string, endpoint: string | null, input: string]>([
    [
      "the SDK",
      `import runpodSdk from "runpod-sdk";
const { RUNPOD_API_KEY } = process.env;
const ENDPOINT_ID = 'abc';
const runpod = runpodSdk(RUNPOD_API_KEY);
const endpoint = runpod.endpoint(ENDPOINT_ID);
const result = await endpoint.runSync({
  input: {
    prompt: 'a fox', // quick
    steps: 0x10, 'quoted-key': [1, 2.50,], nothing: undefined, deep: { a: null, b: !0 ? 1 : 2 },
    /* template */ text: \`two
lines\`,
  },
});`,
      "abc",
      '{"prompt":"a fox","steps":16,"quoted-key":[1,2.50],"deep":{"a":null,"b":"<!0 ? 1 : 2>"},"text":"two\\nlines"}',
    ],
    [
      "fetch",
      `fetch("https://api.runpod.ai/v2/abc/run", {\n  method: "POST",\n  headers: { Authorization: \`Bearer \${key}\` },\n  body: JSON.stringify({ input: { prompt: "x" }, webhook: "https://w.example" }),\n});`,
      "abc",
      '{"prompt":"x"}',
    ],
    [
      "the browser's copy as fetch",
      `fetch("https://api.runpod.ai/v2/abc/run", {\n  "headers": {"authorization": "Bearer x"},\n  "body": "{\\"input\\":{\\"p\\":\\"\\\\u00e9\\"}}",\n  "method": "POST"\n});`,
      "abc",
      '{"p":"\\u00e9"}',
    ],
    [
      "names and shorthand",
      `const prompt = "fox", n = 3;\nconst input = { prompt, };\nconst body = JSON.stringify({ input });\nawait fetch(\`https://api.runpod.ai/v2/\${id}/run\`, { method: "POST", body });`,
      null,
      '{"prompt":"fox"}',
    ],
    [
      "axios",
      `const { data } = await axios.post('https://api.runpod.ai/v2/abc/runsync', { input: { p: 1 } }, { headers });`,
      "abc",
      '{"p":1}',
    ],
    [
      "axios with one object",
      `axios({ method: "post", url: "https://api.runpod.ai/v2/abc/run", data: { input: { p: 1 } } })`,
      "abc",
      '{"p":1}',
    ],
  ])("%s", (_name, text, endpoint, input) => expect(gist(text)).toEqual([endpoint, input]));
});

describe("what Jobdeck writes, it reads", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("'''", "`\u0024{x}`", "\\'", "$X \\$ $(y)", "</script>"),
  );
  const input = fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.boolean(), fc.array(anyText)), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const target = snippetTarget({ kind: "runpod", baseUrl: null, upstreamId: "abc123" }, "");
  it.each<[form: SnippetForm]>([
    ["curl"],
    ["python-sdk"],
    ["python-requests"],
    ["javascript-sdk"],
    ["javascript-fetch"],
  ])("law: %s", (form) => {
    fc.assert(
      fc.property(input, (value) => {
        const spec = requestSchema.parse({
          inputText: JSON.stringify(value),
          webhook: "https://w.example/h",
          ttlMs: 60_000,
        });
        const request = only(writeSnippet(form, spec, target));
        expect(JSON.parse(request.fields.inputText)).toEqual(JSON.parse(spec.inputText));
        expect(request.fields).toMatchObject({ webhook: "https://w.example/h", ttlMs: 60_000 });
        expect(request.address?.endpointId).toBe("abc123");
      }),
      { numRuns: 150 },
    );
  });
});
