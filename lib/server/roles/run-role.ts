import { AppError } from "@/lib/kernel/errors";
import { log } from "@/lib/kernel/log";
import { EXIT } from "@/lib/server/exit-codes";

/** Less than the supervisor waits before it kills. */
const STOP_MS = 3_000;

/**
 * The life of a role's process: start, say that it is ready, stop on a signal or when the supervisor is gone, and be gone
 * within 3 s even if stopping hangs.
 */
export async function runRole(start: () => Promise<{ stop: () => Promise<void> }>): Promise<void> {
  let leave = (): void => {};
  const asked = new Promise<void>((resolve) => {
    leave = resolve;
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
  process.once("disconnect", leave);
  try {
    const running = await start();
    process.send?.({ type: "ready" });
    await asked;
    setTimeout(() => process.exit(EXIT.ok), STOP_MS).unref();
    await running.stop();
    process.exit(EXIT.ok);
  } catch (error) {
    if (error instanceof AppError) process.stderr.write(`${error.message}\n`);
    else log.fatal({ err: error }, "the process cannot go on");
    process.exit(error instanceof AppError && error.code === "invalid" ? EXIT.configuration : EXIT.failure);
  }
}
