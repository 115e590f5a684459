import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { createEnvelope } from "@/lib/secrets/envelope";

const key = randomBytes(32);
const place = { workspaceId: "w1", kind: "endpoint-api-key", rowId: "r1" };

it("opens what it sealed, and never seals the same text twice alike", () => {
  const envelope = createEnvelope(new Map([[1, key]]));
  const sealed = envelope.seal("rpa_secret é", place);
  expect(envelope.open(sealed, place)).toBe("rpa_secret é");
  expect(sealed).toMatch(/^v1\.[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(envelope.seal("rpa_secret é", place)).not.toBe(sealed);
});

it.each([
  ["another workspace", { ...place, workspaceId: "w2" }],
  ["another kind", { ...place, kind: "job-request" }],
  ["another row", { ...place, rowId: "r2" }],
])("refuses a value moved to %s", (_name, other) => {
  const envelope = createEnvelope(new Map([[1, key]]));
  expect(() => envelope.open(envelope.seal("s", place), other)).toThrow(/could not be opened/);
});

it("refuses a changed byte, a short tag and an unknown key number", () => {
  const envelope = createEnvelope(new Map([[1, key]]));
  const [v, nonce, body, tag] = envelope.seal("secret", place).split(".") as [string, string, string, string];
  const flipped = `${body[0] === "A" ? "B" : "A"}${body.slice(1)}`;
  expect(() => envelope.open([v, nonce, flipped, tag].join("."), place)).toThrow();
  expect(() => envelope.open([v, nonce, body, tag.slice(0, 6)].join("."), place)).toThrow();
  expect(() => envelope.open(["v9", nonce, body, tag].join("."), place)).toThrow(/JOBDECK_SECRET_KEY/);
});

it("opens old values after a new key was added, and seals with the new one", () => {
  const sealed = createEnvelope(new Map([[1, key]])).seal("old", place);
  const rotated = createEnvelope(
    new Map([
      [1, key],
      [2, randomBytes(32)],
    ]),
  );
  expect(rotated.open(sealed, place)).toBe("old");
  expect(rotated.seal("new", place)).toMatch(/^v2\./);
});
