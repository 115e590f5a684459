import { expect, it } from "vitest";
import { z } from "zod";
import { newClientKey } from "@/components/ui/client-key";

it.each([0x00, 0x5a, 0xff])("is a version 4 UUID whatever was drawn (bytes of %i)", (byte) => {
  expect(z.uuidv4().safeParse(newClientKey((bytes) => bytes.fill(byte))).success).toBe(true);
});

it("is another one each time", () => {
  expect(new Set(Array.from({ length: 1000 }, () => newClientKey())).size).toBe(1000);
});
