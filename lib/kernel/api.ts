import type { PublicError } from "@/lib/kernel/errors";

/** An answer of `/api` that is not 2xx, in the same words as an action's error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly error: PublicError,
  ) {
    super(error.message);
  }
}

/** GET from our own `/api`. @throws ApiError; a lost connection is `unavailable`. */
export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await get(path, signal)).json() as Promise<T>;

/** The same for an answer that must stay as it was spelled. */
export const getText = async (path: string, signal?: AbortSignal): Promise<string> =>
  (await get(path, signal)).text();

/** The same for a part of it, by a `Range` header. */
export const getBytes = async (
  path: string,
  signal: AbortSignal | undefined,
  headers: Record<string, string>,
): Promise<ArrayBuffer> => (await get(path, signal, headers)).arrayBuffer();

async function get(path: string, signal?: AbortSignal, more: Record<string, string> = {}): Promise<Response> {
  let response: Response;
  try {
    const headers = { accept: "application/json", ...more };
    response = await fetch(path, { headers, signal, cache: "no-store" });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, {
      code: "unavailable",
      message: "Jobdeck does not answer. Check that it is running.",
    });
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: PublicError } | null)?.error;
  throw new ApiError(
    response.status,
    error ?? {
      code: "unavailable",
      message: `Jobdeck answered ${response.status}. Try again in a few seconds.`,
    },
  );
}
