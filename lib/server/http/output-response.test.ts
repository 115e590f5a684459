import { expect, it } from "vitest";
import { outputResponse } from "@/lib/server/http/output-response";

const whole = Buffer.from("0123456789");
async function* read(range?: { from: number; to: number }) {
  yield whole.subarray(range?.from ?? 0, range ? range.to + 1 : undefined);
}
const ask = (range: string | null, more: Record<string, string> = {}, method = "GET") =>
  outputResponse(
    "j1",
    { id: "o1", bytes: whole.length },
    { method, headers: new Headers({ ...(range && { range }), ...more }) },
    read,
  );

it("sends the whole as an inert attachment", async () => {
  const answer = ask(null);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("0123456789");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="job-j1.json"');
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
});

it("sends a part and says which", async () => {
  const answer = ask("bytes=2-4");
  expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
});

it("says how long the whole is when the part is behind its end", () => {
  const answer = ask("bytes=10-");
  expect([answer.status, answer.headers.get("content-range")]).toEqual([416, "bytes */10"]);
});

it("goes on with a download of the same output, and starts anew with another one", async () => {
  const same = ask("bytes=8-", { "if-range": '"o1"' });
  expect([same.status, await same.text()]).toEqual([206, "89"]);
  const other = ask("bytes=8-", { "if-range": '"o0"' });
  expect([other.status, await other.text()]).toEqual([200, "0123456789"]);
});

it.each([
  ["whole", null, 200, "10", null],
  ["part", "bytes=2-4", 206, "3", "bytes 2-4/10"],
])("tells a HEAD about the %s without reading it", (_what, range, status, length, contentRange) => {
  const answer = ask(range, {}, "HEAD");
  expect(answer.body).toBeNull();
  expect([answer.status, answer.headers.get("content-length"), answer.headers.get("content-range")]).toEqual([
    status,
    length,
    contentRange,
  ]);
});
