/**
 * A value that exists once per process, however many copies of this module the process loads: Next bundles pages,
 * actions and instrumentation separately, and the Hono app in front of it is a fourth copy.
 */
export function once<T>(name: string, create: () => T): T {
  const key = Symbol.for(`jobdeck.${name}`);
  const store = globalThis as unknown as Record<symbol, T | undefined>;
  store[key] ??= create();
  return store[key];
}
