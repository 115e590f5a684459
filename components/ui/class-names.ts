/** Joins class names; falsy parts are left out, so conditions can be written in place. */
export const cx = (...parts: (string | false | null | undefined)[]): string =>
  parts.filter(Boolean).join(" ");
