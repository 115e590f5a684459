import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { decode } from "fast-png";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderImage } from "@/lib/local-endpoint/workers/sample-image/handler";

type Output = { image?: string; image_url?: string; image_key?: string } & Record<string, unknown>;
const run = (
  input: object,
  more: { s3Config?: object; signal?: AbortSignal; progress?: (value: unknown) => void } = {},
) =>
  renderImage(
    { id: "job-1", input, ...(more.s3Config && { s3Config: more.s3Config }) },
    { signal: more.signal ?? new AbortController().signal, progress: more.progress ?? (() => {}) },
  ) as Promise<Output>;
const pixels = (image = "") => decode(Buffer.from(image.split(",")[1] ?? "", "base64"));
const small = { width: 96, height: 64 };

describe("renderImage", () => {
  it("gives the same picture for the same seed or prompt, and another for another", async () => {
    const [a, b, c] = [
      await run({ seed: 5, ...small }),
      await run({ seed: 5, ...small }),
      await run({ seed: 6, ...small }),
    ];
    expect(a).toEqual(b);
    expect(a.image).not.toBe(c.image);
    const said = await run({ prompt: "The lazy brown fox jumps over the", ...small });
    expect(said).toEqual(await run({ prompt: "The lazy brown fox jumps over the", ...small }));
    expect((await run({ seed: said.seed, ...small })).image).toBe(said.image);
  });

  it("tells the numbers that ask for the same picture again", async () => {
    for (const seed of [1, 2, 33]) {
      const { image, bytes, ...numbers } = await run({ seed, ...small });
      expect((await run(numbers)).image).toBe(image);
      expect(bytes).toBeGreaterThan(1000);
    }
  });

  it("has something to see for every seed: many colours, and not one large black hole", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { data } = pixels((await run({ seed, width: 64, height: 64 })).image);
      const colours = new Set<number>();
      let dark = 0;
      for (let at = 0; at < data.length; at += 3) {
        colours.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
        if (data[at]! + data[at + 1]! + data[at + 2]! < 45) dark++;
      }
      expect(colours.size, `seed ${seed}`).toBeGreaterThan(500);
      expect(dark / (data.length / 3), `seed ${seed}`).toBeLessThan(0.75);
    }
  });

  it("reports progress upwards in percent", async () => {
    const seen: number[] = [];
    await run(
      { seed: 1, ...small },
      { progress: (value) => seen.push((value as { progress: number }).progress) },
    );
    expect(seen[0]).toBe(0);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThanOrEqual(90);
  });

  it("stops in the middle when told, and lets others run meanwhile", async () => {
    const stop = new AbortController();
    const job = run(
      { width: 2048, height: 2048, center: [-0.5, 0], zoom: 1, iterations: 20_000 },
      { signal: stop.signal },
    );
    const began = performance.now();
    setTimeout(() => stop.abort(new Error("stopped")), 50);
    await expect(job).rejects.toThrow("stopped");
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.each<[object, string]>([
    [{ width: 3000 }, "width: must be at most 2048 (got 3000)"],
    [{ height: 10 }, "height: must be at least 64 (got 10)"],
    [{ width: 100.5 }, "width: must be a whole number (got 100.5)"],
    [{ zoom: "2" }, 'zoom: must be a number from 0.1 to 1000000000000 (got "2")'],
    [{ palette: "pink" }, "palette: must be one of ember, ocean"],
    [{ center: [9, 0] }, "center.0: must be at most 4 (got 9)"],
    [{ center: 1 }, "center: must be [re, im], two numbers from -4 to 4 (got 1)"],
    [{ seed: -1 }, "seed: must be at least 0 (got -1)"],
  ])("%j is refused with “%s”", async (input, words) => {
    await expect(run(input)).rejects.toThrow(words);
  });

  it("leaves keys of other models alone", async () => {
    expect(await run({ prompt: "a cat", negative_prompt: "dogs", steps: 30, ...small })).toHaveProperty(
      "image",
    );
  });
});

describe("with s3Config", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "jobdeck-s3-"));
  let storage: S3rver;
  let endpointUrl: string;
  beforeAll(async () => {
    process.env.JOBDECK_ALLOW_PRIVATE_ADDRESSES = "127.0.0.1/32";
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    storage = new S3rver({
      port,
      address: "127.0.0.1",
      silent: true,
      directory,
      configureBuckets: [{ name: "pictures", configs: [] }],
    });
    await storage.run();
    endpointUrl = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await storage.close();
    rmSync(directory, { recursive: true });
  });
  // s3rver knows this one pair of keys.
  const s3 = (more: object = {}) => ({
    ...{ accessId: "S3RVER", accessSecret: "S3RVER", bucketName: "pictures", endpointUrl },
    ...more,
  });

  it("uploads the picture and returns a link that opens it, and no secret", async () => {
    const output = await run({ seed: 3, ...small }, { s3Config: s3() });
    expect(output).not.toHaveProperty("image");
    expect(output.image_key).toMatch(/^job-1\/[0-9a-f]{8}\.png$/);
    const response = await fetch(String(output.image_url));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/png"]);
    const png = decode(new Uint8Array(await response.arrayBuffer()));
    expect([png.width, png.height]).toEqual([96, 64]);
    expect(JSON.stringify(output)).not.toContain("accessSecret");
  });

  it("says what to check when the storage refuses, without the SDK's own words", async () => {
    const refused = run(
      { seed: 3, ...small },
      { s3Config: s3({ bucketName: "nobody", accessSecret: "wrong-canary" }) },
    );
    await expect(refused).rejects.toThrow(/could not be uploaded to bucket "nobody".*Check s3Config/);
    await expect(refused).rejects.not.toThrow(/canary/);
  });

  it("names what is missing in s3Config, before rendering", async () => {
    await expect(run(small, { s3Config: { accessId: "a" } })).rejects.toThrow(/accessSecret: must be text/);
  });

  it("uploads to no address that the operator did not open", async () => {
    await expect(run(small, { s3Config: s3({ endpointUrl: "http://169.254.169.254" }) })).rejects.toThrow(
      "169.254.169.254 is not an address that uploads may go to",
    );
    await expect(run(small, { s3Config: s3({ endpointUrl: "https://localhost:9" }) })).rejects.toThrow(
      /could not be uploaded|not an address/,
    );
  });
});
