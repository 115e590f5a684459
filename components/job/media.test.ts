import { expect, it } from "vitest";
import { findMedia, rasterBase64, sniffRaster } from "@/components/job/media";

const png = Buffer.from([
  0x89,
  0x50,
  0x4e,
  0x47,
  0x0d,
  0x0a,
  0x1a,
  0x0a,
  0,
  0,
  0,
  13,
  0x49,
  0x48,
  0x44,
  0x52,
  ...Array(16).fill(0),
]);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>';

it.each<[name: string, bytes: Uint8Array, type: string | null]>([
  ["a PNG by its signature", png, "image/png"],
  ["a JPEG by its marker", Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array(12).fill(0)]), "image/jpeg"],
  ["a GIF by its version", Buffer.from("GIF89a__________"), "image/gif"],
  ["a WebP inside RIFF", Buffer.from("RIFF____WEBPVP8 "), "image/webp"],
  ["an AVIF by its brand", Buffer.from("\0\0\0 ftypavif____"), "image/avif"],
  ["SVG is markup, not an image", Buffer.from(svg), null],
  ["HTML is no image", Buffer.from("<html><script>alert(1)</script>"), null],
  ["eleven bytes prove nothing", png.subarray(0, 11), null],
])("recognises %s", (_name, bytes, type) => expect(sniffRaster(bytes)).toBe(type));

it.each<[name: string, value: string, type: string | undefined]>([
  ["bare base64", png.toString("base64"), "image/png"],
  ["a data URI", `data:image/png;base64,${png.toString("base64")}`, "image/png"],
  [
    "a data URI that lies about its type is shown as what it is",
    `data:text/html;base64,${png.toString("base64")}`,
    "image/png",
  ],
  [
    "an SVG data URI is never an image",
    `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`,
    undefined,
  ],
  ["prose", "The quick brown fox jumps over the lazy dog and runs away", undefined],
  ["a script URL", "javascript:alert(document.cookie)//aaaaaaaaaaaaaaaaaaaaaaaaaaa", undefined],
])("finds a picture in %s", (_name, value, type) => expect(rasterBase64(value)?.type).toBe(type));

it("shows pictures, long texts and web links, and nothing else, with their paths", () => {
  const found = findMedia({
    images: [png.toString("base64")],
    text: `A long enough sentence that a person would rather read than unfold from a tree.`,
    url: "https://example.com/a.png",
    evil: "javascript:alert(1)",
    seed: 7,
  });
  expect(found.map(({ kind, path }) => [kind, path])).toEqual([
    ["image", "output.images[0]"],
    ["text", "output.text"],
    ["link", "output.url"],
  ]);
});

it("does not repeat a text that is part of a longer one", () => {
  const continuation = " low stone wall behind the mill, and the hours of the mill, then to the top";
  const found = findMedia({ continuation, text: `The fox jumps over the${continuation}` });
  expect(found.map(({ path }) => path)).toEqual(["output.text"]);
});

it("gives up in bounded time on an output made to be endless", () => {
  let nested: unknown = "x";
  for (let i = 0; i < 10_000; i++) nested = [nested];
  expect(findMedia(nested)).toEqual([]);
  expect(findMedia(Array(100_000).fill("two words")).length).toBeLessThanOrEqual(24);
});
