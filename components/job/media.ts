/**
 * Finding pictures, texts and links in an output. Outputs are hostile: only raster images whose first bytes say so are
 * ever shown as images, and only as blobs of the type that was sniffed. SVG is markup and stays text.
 */

export type RasterType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif";

const ascii = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));

/** The raster type that the first bytes prove, or null. Needs at least 12 bytes. */
export function sniffRaster(bytes: Uint8Array): RasterType | null {
  if (bytes.length < 12) return null;
  if (bytes[0] === 0x89 && ascii(bytes, 1, 3) === "PNG" && bytes[4] === 0x0d && bytes[5] === 0x0a)
    return "image/png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return "image/gif";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 8) === "ftypavif") return "image/avif";
  return null;
}

const DATA_URI = /^data:[\w.+-]+\/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*;base64,/i;
const BASE64_START = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;

/** Decodes standard and URL-safe base64; null when it is not base64. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return null; // not base64: the caller shows it as the text that it is
  }
}

/** The base64 part when the string's first bytes prove a raster image; bare base64 and data URIs. Cheap: looks at 32 characters. */
export function rasterBase64(value: string): { type: RasterType; base64: string } | null {
  const prefix = DATA_URI.exec(value.slice(0, 200))?.[0] ?? "";
  const head = value.slice(prefix.length, prefix.length + 32);
  if (!BASE64_START.test(head)) return null;
  const bytes = decodeBase64(head.slice(0, 32 - (32 % 4)));
  const type = bytes && sniffRaster(bytes);
  return type ? { type, base64: value.slice(prefix.length) } : null;
}

export type Found =
  | { kind: "image"; path: string; type: RasterType; base64: string }
  | { kind: "text"; path: string; text: string }
  | { kind: "link"; path: string; url: string };

const MAX_FOUND = 24;
const MAX_VISITED = 5000;
const MAX_DEPTH = 8;
const READABLE_LENGTH = 60;

const isWebLink = (value: string): boolean =>
  value.length <= 4096 && /^https?:\/\/\S+$/i.test(value) && URL.canParse(value);

function look(value: string, path: string): Found | null {
  const raster = rasterBase64(value);
  if (raster) return { kind: "image", path, ...raster };
  if (isWebLink(value)) return { kind: "link", path, url: value };
  const readable = value.length >= READABLE_LENGTH || value.includes("\n") || path === "output";
  return readable && /\s/.test(value.slice(0, 400)) ? { kind: "text", path, text: value } : null;
}

/** A text that another one shown contains (a continuation beside the whole) is left to the tree. */
const isPartOfAnother = (item: Found, all: readonly Found[]): boolean =>
  item.kind === "text" &&
  all.some(
    (other) =>
      other.kind === "text" && other.text.length > item.text.length && other.text.includes(item.text),
  );

/** What is worth showing as itself, in document order. Bounded in count, depth and nodes looked at. */
export function findMedia(output: unknown): Found[] {
  const found: Found[] = [];
  let visited = 0;
  const visit = (value: unknown, path: string, depth: number): void => {
    if (found.length >= MAX_FOUND || ++visited > MAX_VISITED || depth > MAX_DEPTH) return;
    if (typeof value === "string") {
      const hit = look(value, path);
      if (hit) found.push(hit);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`, depth + 1);
    } else if (value !== null && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`, depth + 1);
    }
  };
  visit(output, "output", 0);
  return found.filter((item) => !isPartOfAnother(item, found));
}
