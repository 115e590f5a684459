import { auth } from "@/lib/auth/auth";
import { passCookies } from "@/lib/auth/request-headers";
import { AppError } from "@/lib/kernel/errors";

/** Ask better-auth over its HTTP face, so that its rate limit counts; it sets the cookies of the running action. */
export async function askAuth(path: string, headers: Headers, body: unknown): Promise<Response> {
  const host = headers.get("host") ?? "localhost";
  const passed = new Headers({ "content-type": "application/json" });
  for (const name of ["cookie", "origin", "host", "user-agent", "x-jobdeck-client-address"]) {
    const value = headers.get(name);
    if (value) passed.set(name, value);
  }
  const response = await auth().handler(
    new Request(`http://${host}/api/auth/${path}`, {
      method: "POST",
      headers: passed,
      body: JSON.stringify(body),
    }),
  );
  await passCookies(response);
  return response;
}

/** What an answer of 429 means to a person. */
export function tooManyAttempts(response: Response): AppError {
  const seconds = Number(response.headers.get("x-retry-after")) || 60;
  const minutes = Math.ceil(seconds / 60);
  return new AppError(
    "too_many",
    `Too many attempts. Wait ${minutes === 1 ? "a minute" : `${minutes} minutes`}, then try again.`,
    { retryAfterMs: seconds * 1000 },
  );
}
