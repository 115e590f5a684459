import { expect, it } from "vitest";
import { readWholeRequest } from "@/lib/requests/whole-request";

it("takes a whole body apart and keeps the input's spelling", () => {
  const pasted =
    '{"input":{"cfg":7.0,"seed":12345678901234567890},"webhook":"https://a.example/x","policy":{"ttl":60000,"lowPriority":true,"retries":3},"s3Config":{"accessId":"id","bucketName":"b"},"seed":1}';
  expect(readWholeRequest(pasted)).toEqual({
    inputText: '{\n  "cfg": 7.0,\n  "seed": 12345678901234567890\n}',
    webhook: "https://a.example/x",
    executionTimeoutMs: undefined,
    ttlMs: 60_000,
    lowPriority: true,
    s3: { accessId: "id", accessSecret: "", bucketName: "b", endpointUrl: "" },
    unknownKeys: ["seed", "policy.retries"],
  });
});

it.each<[name: string, text: string]>([
  ["a bare input", '{"prompt":"hi"}'],
  ["an input whose field is called input but is text", '{"input":"hi"}'],
  ["broken JSON", '{"input":{'],
  ["a list", '[{"input":{}}]'],
])("leaves %s alone", (_name, text) => expect(readWholeRequest(text)).toBeNull());
