import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestEndpoint, type TestQueue, testQueue } from "@/lib/local-endpoint/testing";
import { requestSchema } from "@/lib/requests/schema";
import { type SnippetForm, writeSnippet } from "@/lib/requests/snippets";
import { snippetTarget } from "@/lib/requests/snippets-target";
import { type Bench, hasTool, openBench } from "@/lib/requests/testing-programs";
import { wireBody } from "@/lib/requests/wire";

let queue: TestQueue;
let ep: TestEndpoint;
let bench: Bench;
beforeAll(async () => {
  queue = await testQueue();
  ep = await queue.endpoint();
  bench = openBench();
});
afterAll(async () => {
  bench.clear();
  await queue.close();
});

const SPEC = requestSchema.parse({
  inputText: `{"prompt": "it's \\"quoted\\" $HOME \\\\ 漢字", "n": 1.50, "list": [1, {"b": null}]}`,
  webhook: "https://w.example/h?a=it's",
  ttlMs: 60_000,
});

/** What a worker is handed, and what the job is known to the queue as. */
async function takeJob() {
  const { body } = await ep.worker("GET", "/job-take/w1?gpu=x&job_in_progress=0");
  const { id, ...job } = body as { id: string };
  await ep.worker("POST", `/job-done/w1/${id}?gpu=x&isStream=false`, { output: "done" });
  return job;
}

// Languages that this machine cannot run are read by their grammar in snippets.process.test.ts.
const forms: [SnippetForm, "sh" | "py" | "mjs"][] = [
  ["curl", "sh"],
  ["javascript-fetch", "mjs"],
  ["javascript-sdk", "mjs"],
  ...(hasTool("python3", "--version")
    ? ([
        ["python-requests", "py"],
        ["python-sdk", "py"],
      ] satisfies [SnippetForm, "py"][])
    : []),
];

it("each program makes the job on the local endpoint that Jobdeck's own body makes", async () => {
  await ep.api("POST", "/run", wireBody(SPEC));
  const expected = await takeJob();
  expect(expected).toMatchObject({ input: JSON.parse(SPEC.inputText) });
  const target = snippetTarget({ kind: "local", baseUrl: null, upstreamId: ep.name }, queue.origin);
  for (const [form, extension] of forms) {
    await bench.run(extension, [writeSnippet(form, SPEC, target)], { RUNPOD_API_KEY: ep.apiKey });
    expect([form, await takeJob()]).toEqual([form, expected]);
  }
}, 60_000);
