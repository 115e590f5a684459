import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "@/lib/kernel/once";

const storage = () => once("request-headers", () => new AsyncLocalStorage<Headers>());

/** Run `work` as if it were a request with these headers: how doors are tried without a browser. */
export const withRequestHeaders = <T>(headers: Headers, work: () => T): T => storage().run(headers, work);

/** Headers of the request being answered, in an action or a page. */
export async function requestHeaders(): Promise<Headers> {
  const given = storage().getStore();
  if (given) return given;
  const { headers } = await import("next/headers");
  return new Headers(await headers());
}
