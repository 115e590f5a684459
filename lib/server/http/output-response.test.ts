import { expect, it } from "vitest";
import { outputResponse } from "@/lib/server/http/output-response";

const whole = Buffer.from("0123456789");
async function* read(range?: { from: number; to: number }) {
  yield whole.subarray(range?.from ?? 0, range ? range.to + 1 : undefined);
}
const ask = (range: string | null) => outputResponse("j1", whole.length, range, read);

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
