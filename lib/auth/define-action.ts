import type { z } from "zod";
import { type Context, requireContext } from "@/lib/auth/context";
import type { Permission } from "@/lib/auth/permissions";
import { requestHeaders } from "@/lib/auth/request-headers";
import { AppError, toPublicError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import type { Result } from "@/lib/kernel/result";

/** What the door test reads off an action, to try it as everybody who must be refused. */
export const DOOR = Symbol.for("jobdeck.door");
export type Door = { access: "workspace" | "anyone"; permission?: Permission };

async function answer<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const shown = toPublicError(error);
    if (!(error instanceof AppError)) log.error({ err: error }, "an action failed");
    return { ok: false, error: shown };
  }
}

/** @throws AppError `invalid` with one message per field. */
export function parseInput<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join(".")] ??= issue.message;
  const [[name, message] = ["", "invalid"]] = Object.entries(fields);
  throw new AppError("invalid", name ? `${name}: ${message}` : message, { fields });
}

/**
 * A server action inside a workspace: permission, then input, then the work. Its answer is a {@link Result}; nothing
 * throws to the browser and unknown errors are opaque there.
 */
export function defineAction<S extends z.ZodType, O>(action: {
  permission: Permission;
  input: S;
  run: (ctx: Context, input: z.output<S>) => Promise<O>;
}) {
  const call = (workspaceSlug: string, raw: z.input<S>): Promise<Result<O>> =>
    answer(async () => {
      const ctx = await requireContext(await requestHeaders(), String(workspaceSlug), action.permission);
      return action.run(ctx, parseInput(action.input, raw));
    });
  return Object.assign(call, {
    [DOOR]: { access: "workspace", permission: action.permission } satisfies Door,
  });
}

/** A server action for people without an account. Its input must carry what admits them (a setup or invite token). */
export function definePublicAction<S extends z.ZodType, O>(action: {
  input: S;
  run: (input: z.output<S>, headers: Headers) => Promise<O>;
}) {
  const call = (raw: z.input<S>): Promise<Result<O>> =>
    answer(async () => action.run(parseInput(action.input, raw), await requestHeaders()));
  return Object.assign(call, { [DOOR]: { access: "anyone" } satisfies Door });
}
