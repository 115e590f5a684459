import { expect, it } from "vitest";
import { fromDraft, isWorthKeeping, toDraft } from "@/components/composer/draft-content";
import { STARTER_INPUTS } from "@/components/composer/starter-requests";
import { draftContentSchema } from "@/lib/drafts/schema";

const VALUES = {
  endpointId: "",
  request: {
    inputText: '{"n": 1.0',
    webhook: "",
    executionTimeoutMs: Number.NaN,
    ttlMs: 20_000,
    lowPriority: false,
    s3: { accessId: "A", accessSecret: "planted-secret", bucketName: "b", endpointUrl: "" },
  },
};

it("keeps a request that is not valid yet, without its secret and without what is no value", () => {
  const content = toDraft(VALUES);
  expect(JSON.stringify(content)).not.toContain("planted-secret");
  expect(draftContentSchema.parse(content)).toEqual(content);
  expect(fromDraft(content)).toEqual({
    endpointId: null,
    request: {
      inputText: '{"n": 1.0',
      ttlMs: 20_000,
      s3: { accessId: "A", accessSecret: "", bucketName: "b", endpointUrl: "" },
    },
  });
});

it("does not keep what the page offers by itself", () => {
  const of = (inputText: string, request = {}) =>
    isWorthKeeping(toDraft({ endpointId: "", request: { inputText, ...request } }));
  expect(of(STARTER_INPUTS["sample-image"])).toBe(false);
  expect(of(`${STARTER_INPUTS["sample-text"]}\n`, { webhook: "", lowPriority: false })).toBe(false);
  expect(of(STARTER_INPUTS["sample-text"], { ttlMs: 60_000 })).toBe(true);
  expect(of('{"prompt": "mine"}')).toBe(true);
});
