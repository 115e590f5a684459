import type { PublicError } from "@/lib/kernel/errors";

/** What a server action answers. Nothing throws to the browser. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: PublicError };
