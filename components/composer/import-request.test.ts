import { describe, expect, it } from "vitest";
import type { ComposeValues } from "@/components/composer/compose-values";
import { filledWith, foundSettings, leftOut } from "@/components/composer/import-request";
import type { EndpointRow } from "@/lib/endpoints/schema";
import { readPasted } from "@/lib/requests/imports";

const endpoint = (id: string, upstreamId: string) => ({ id, upstreamId, name: id }) as EndpointRow;
const ENDPOINTS = [endpoint("first", "abc"), endpoint("second", "xyz")];
const BEFORE: ComposeValues = {
  endpointId: "first",
  request: { inputText: "{}", webhook: "https://before.example", ttlMs: 60_000, lowPriority: true },
};

function pasted(text: string) {
  const found = readPasted(text);
  if (found.kind !== "requests") throw new Error(found.kind);
  return found.requests[0];
}

describe("filling the composer from a paste", () => {
  it("chooses the endpoint that it was addressed to and clears settings that it does not name", () => {
    const request = pasted(
      `curl https://api.runpod.ai/v2/xyz/run -H "Authorization: Bearer rpa_PLANTED" -d '{"input":{"n":1.0},"policy":{"ttl":30000}}'`,
    );
    const filled = filledWith(BEFORE, request, ENDPOINTS);
    expect(filled).toMatchObject({
      endpointId: "second",
      request: { inputText: '{\n  "n": 1.0\n}', webhook: "", ttlMs: 30_000, lowPriority: false },
    });
    expect(JSON.stringify([filled, leftOut(request)])).not.toContain("PLANTED");
    expect(leftOut(request).join(" ")).toMatch(/API key.*dropped/);
    expect(foundSettings(request)).toEqual([["Time to live", "30 seconds"]]);
  });

  it("keeps the chosen endpoint when the workspace does not know the other one", () => {
    const request = pasted(`curl https://api.runpod.ai/v2/unknown/run -d '{"input":{"n":1}}'`);
    expect(filledWith(BEFORE, request, ENDPOINTS).endpointId).toBe("first");
  });

  it("changes nothing but the input for a bare one", () => {
    const request = pasted(`{'prompt': 'fox', 'flag': True}`);
    expect(filledWith(BEFORE, request, ENDPOINTS)).toEqual({
      ...BEFORE,
      request: { ...BEFORE.request, inputText: '{\n  "prompt": "fox",\n  "flag": true\n}' },
    });
  });

  it("names what the provider would discard", () => {
    const request = pasted('{"input": {"a": 1}, "extra": 1, "policy": {"color": 2}}');
    expect(leftOut(request)).toEqual([
      "extra, policy.color: not part of a request, so the provider would discard them. Left out.",
    ]);
  });
});
