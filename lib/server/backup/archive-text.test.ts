import fc from "fast-check";
import { expect, it } from "vitest";
import { ArchiveText } from "@/lib/server/backup/archive-text";

const MARK = "\\.\n";

async function* inChunks(text: string, sizes: readonly number[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, end);
    at = end;
  }
}

const read = async (rows: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of rows) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** Rows that look as much like the mark as a row may. */
const row = fc
  .array(fc.constantFrom("\\", ".", "\\\\", "a", "é", "\\."), { maxLength: 5 })
  .map((parts) => parts.join(""))
  .filter((text) => text !== "\\.");

it("finds lines and the end of rows wherever the text is cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (sections, sizes) => {
        const bodies = sections.map((rows) => rows.map((text) => `${text}\n`).join(""));
        const whole = `first\n${bodies.map((body, i) => `section ${i}\n${body}${MARK}`).join("")}last\n`;
        const text = new ArchiveText(inChunks(whole, sizes));
        expect(await text.line()).toBe("first");
        for (const [i, body] of bodies.entries()) {
          expect(await text.line()).toBe(`section ${i}`);
          expect(await read(text.until(MARK))).toBe(body);
        }
        expect(await text.line()).toBe("last");
        expect(await text.isOver()).toBe(true);
      },
    ),
  );
});

it("fails where the text ends before the mark, instead of taking the rest for rows", async () => {
  for (const end of ["", "row\n", "row\n\\", "row\n\\.", "\\", "row"]) {
    const text = new ArchiveText(inChunks(end, [2]));
    await expect(read(text.until(MARK))).rejects.toThrow("ends too early");
  }
  await expect(new ArchiveText(inChunks("no end of line", [3])).line()).rejects.toThrow("ends too early");
});
