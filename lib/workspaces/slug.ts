/** First path segments that pages and machine paths use: a workspace must not stand in front of them. */
const RESERVED = new Set([
  "api",
  "hooks",
  "local",
  "v2",
  "setup",
  "sign-in",
  "invite",
  "s",
  "healthz",
  "readyz",
  "metrics",
  "_next",
  "icon",
  "docs",
  "favicon",
]);

/** A readable path segment from a name: a-z, 0-9 and single hyphens, at most 40, unique among `taken`. */
export function chooseSlug(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40)
      .replace(/-+$/, "") || "workspace";
  for (let n = 1; ; n++) {
    const slug = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(slug) && !RESERVED.has(slug)) return slug;
  }
}
