/** A code exists only because some caller acts on it; the HTTP status is what the doors answer. */
export const HTTP_STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  internal: 500,
  upstream: 502,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof HTTP_STATUS;

/** What leaves the process: never a stack, never a driver's or SDK's own message. */
export type PublicError = {
  code: ErrorCode;
  /** What happened, what it means and what to do, in plain words. */
  message: string;
  /** Field path (dots) → message, for the form that sent it. */
  fields?: Record<string, string>;
  retryAfterMs?: number;
};

/** The one error type whose words are meant for people. Everything else becomes an opaque `internal` at the door. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly fields?: Record<string, string>;
  readonly retryAfterMs?: number;

  constructor(
    code: ErrorCode,
    message: string,
    options: { fields?: Record<string, string>; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.fields = options.fields;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Whether the database could not be reached or is shutting down (SQLSTATE class 08, 53, 57P or a socket error), or has
 * ended a connection of ours that stood still in a transaction (25P03).
 */
export function isDatabaseDown(error: unknown): boolean {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    const code = (e as { code?: unknown }).code;
    if (
      typeof code === "string" &&
      /^(08|53|57P|25P03$)|^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(code)
    )
      return true;
    if (
      /Connection terminated|is not queryable|timeout exceeded when trying to connect|^Query read timeout$/.test(
        e.message,
      )
    )
      return true;
  }
  return false;
}

/** The only place where an error becomes public. */
export function toPublicError(error: unknown): PublicError {
  if (error instanceof AppError) {
    const { code, message, fields, retryAfterMs } = error;
    return { code, message, ...(fields && { fields }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (isDatabaseDown(error))
    return {
      code: "unavailable",
      message: "The database does not answer, so nothing was read or saved. Try again in a few seconds.",
      retryAfterMs: 2000,
    };
  return { code: "internal", message: "Something went wrong on our side. It was logged; try again." };
}
