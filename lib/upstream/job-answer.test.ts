import { gzipSync } from "node:zlib";
import { Agent } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEndpointClient } from "@/lib/upstream/client";
import { type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";

let server: ScriptedServer;
let agent: Agent;

beforeAll(async () => {
  server = await scriptedServer();
  agent = new Agent();
});
afterAll(async () => {
  await agent.destroy();
  await server.close();
});

const client = ({ maxOutputBytes = 8 * 1024 * 1024 } = {}) =>
  createEndpointClient({
    baseUrl: `${server.origin}/v2`,
    upstreamId: "ep1",
    apiKey: "rpa_key",
    dispatcher: () => agent,
    maxOutputBytes,
  });

const unclear = (words: RegExp) =>
  expect.objectContaining({ kind: "unclear", words: expect.stringMatching(words) });

describe("the output of an answer to /status", () => {
  const outputOf = async (body: string, maxOutputBytes?: number) => {
    server.script(says(200, body));
    const outcome = await client({ ...(maxOutputBytes && { maxOutputBytes }) }).status("a");
    if (outcome.kind !== "seen") throw new Error(`not seen: ${JSON.stringify(outcome)}`);
    return outcome.output;
  };

  const heldText = (output: Awaited<ReturnType<typeof outputOf>>) =>
    output?.kind === "held" ? Buffer.concat(output.chunks).toString() : undefined;

  it("keeps the output as it was spelled", async () => {
    const spelled = '{"b":1.0,"a":[1e3,12345678901234567890,-0],"b":"\\u00e9\\/"}';
    const output = await outputOf(`{"id":"a","output":${spelled},"status":"COMPLETED"}`);
    expect(heldText(output)).toBe(spelled);
    expect(output?.bytes).toBe(spelled.length);
  });

  it("keeps 5 MB whole", async () => {
    const spelled = JSON.stringify("é".repeat(2_500_000));
    const output = await outputOf(`{"id":"a","status":"COMPLETED","output":${spelled}}`);
    expect(heldText(output) === spelled).toBe(true);
  });

  it("lets an output over the cap go, but says how large it was and what became of the job", async () => {
    const spelled = JSON.stringify("x".repeat(200_000));
    const output = await outputOf(`{"id":"a","output":${spelled},"status":"COMPLETED"}`, 100_000);
    expect(output).toEqual({ bytes: 200_002, kind: "over" });
  });

  const large = JSON.stringify("é".repeat(1_000_000));
  const taken: Buffer[] = [];
  const words: unknown[] = [];
  const take = async (part: Buffer, word: string | undefined) => {
    taken.push(part);
    words.push(word);
    return true;
  };
  beforeEach(() => {
    taken.length = 0;
    words.length = 0;
  });

  it.each([
    ["before", `{"id":"a","status":"COMPLETED","output":${large}}`, ["COMPLETED"]],
    // The last part is handed on when all is read.
    ["behind", `{"output":${large},"id":"a","status":"COMPLETED"}`, [undefined, "COMPLETED"]],
  ])(
    "hands a large output on as it comes, part by part, whether the status stands %s it",
    async (_where, body, told) => {
      server.script(says(200, body));
      const outcome = await client().status("a", take);
      expect(outcome).toEqual({
        kind: "seen",
        fields: { id: "a", status: "COMPLETED" },
        output: { kind: "taken", bytes: Buffer.byteLength(large) },
      });
      expect(Buffer.concat(taken).toString() === large).toBe(true);
      expect(taken.length).toBeGreaterThan(2);
      expect([...new Set(words)]).toEqual(told);
    },
  );

  it("keeps nothing of an output that its taker does not want, and throws what its taker throws", async () => {
    server.script(says(200, `{"id":"a","status":"RUNNING","output":${large}}`));
    expect(await client().status("a", async () => false)).toMatchObject({
      output: { kind: "unwanted", bytes: Buffer.byteLength(large) },
    });
    const failing = client().status("a", async () => Promise.reject(new Error("the disk is full")));
    await expect(failing).rejects.toThrow("the disk is full");
  });

  it("reads on no further than four times what is kept, and keeps nothing of a bomb", async () => {
    const bomb = gzipSync(`{"id":"a","status":"COMPLETED","output":"${"0".repeat(1_000_000)}"}`);
    server.script(says(200, bomb, { "content-encoding": "gzip" }));
    expect(await client({ maxOutputBytes: 100_000 }).status("a", take)).toEqual({
      kind: "seen",
      fields: { id: "a", status: "COMPLETED" },
      output: { kind: "over", bytes: 400_000 },
    });
    expect(taken).toEqual([]);
    server.script(says(200, `{"output":"${"0".repeat(1_000_000)}","id":"a","status":"COMPLETED"}`));
    expect(await client({ maxOutputBytes: 100_000 }).status("a", take)).toEqual(
      unclear(/4 times what is kept/),
    );
  });
});
