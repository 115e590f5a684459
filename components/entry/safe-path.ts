/**
 * Where to go after signing in: a path on this site, or "/". Anything that a browser could read as another site
 * ("//evil.example", "/\evil.example", control characters) is refused.
 */
export function safePath(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || /[\\\p{Cc}]/u.test(next)) return "/";
  return next;
}
