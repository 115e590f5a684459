import { describe, expect, it } from "vitest";
import { readPasted } from "@/lib/requests/imports";

describe("hostile pastes", () => {
  const deep = (open: string, close: string, n: number) => open.repeat(n) + close.repeat(n);
  const call = (argument: string) => `runpod.Endpoint("a").run({"input": ${argument}})`;
  const bomb = Array.from({ length: 40 }, (_, i) => `n${i + 1} = [n${i}, n${i}]`).join("\n");
  it.each<[name: string, text: string]>([
    ["10 MB of letters", "a".repeat(10_000_000)],
    ["10 MB of a whole body", `{"input":{"a":"${"x".repeat(10_000_000)}"}}`],
    ["1 MB of a whole body", `{"input":{"a":"${"x".repeat(990_000)}"}}`],
    ["1 MB of escapes", `{"input":{"a":"${"\\n".repeat(490_000)}"}}`],
    ["1 MB of values", `{"input":[${"1,".repeat(490_000)}1]}`],
    ["1 MB of brackets", `{"input":${deep("[", "]", 490_000)}}`],
    ["brackets that never close", "[".repeat(990_000)],
    ["10 MB of curl", `curl https://api.runpod.ai/v2/a/run -d '${"x".repeat(10_000_000)}'`],
    ["quotes that never close", `curl ${`"\\"`.repeat(400_000)}`],
    [
      "a shell that doubles",
      `A=xxxxxxxx\n${'A="$A$A"\n'.repeat(40)}curl https://api.runpod.ai/v2/a/run -d "$A"`,
    ],
    ["many here-documents", `${"cat <<A\n".repeat(100_000)}curl x`],
    ["many unclosed $(cat", `curl "${"$(cat <<A\n".repeat(20_000)}"`],
    ["deep Python", call(deep("[", "]", 90_000))],
    ["deep sums", call(`${'{"a":'.repeat(90)}1${"}+1".repeat(90)}`)],
    ["names that multiply", `n0 = 1\n${bomb}\n${call("n40")}`],
    ["long names that multiply", `x = "${"y".repeat(100_000)}"\n${call(`[${"x,".repeat(45_000)}]`)}`],
    ["a name that is itself", `a = a\n${call("a")}`],
    ["calls without end", "x.run(".repeat(30_000)],
    ["calls of nothing", "requests.post(x)\n".repeat(10_000)],
    ["blanks", `x.run(${" ".repeat(190_000)}`],
    ["f-strings", call(`f"${"{".repeat(190_000)}"`)],
    ["backticks", `fetch(${"`\u0024{".repeat(60_000)}`],
    ["comments", `fetch(${"/*".repeat(95_000)}`],
    ["assignments", `${"a = ".repeat(45_000)}1\n${call("a")}`],
    ["escaped quotes", `fetch("${'\\"'.repeat(95_000)}`],
  ])("%s", (_name, text) => {
    readPasted('curl https://api.runpod.ai/v2/a/run -d \'{"input":{"a":1}}\''); // compiled before it is timed
    const kinds = new Set<string>();
    const times = [1, 2, 3, 4, 5].map(() => {
      // Processor time, so that other work on the machine does not count.
      const start = process.cpuUsage();
      kinds.add(readPasted(text).kind);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    expect(["text", "refused", "requests"]).toEqual(expect.arrayContaining([...kinds]));
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
