"use client";

import "./globals.css";
import { PageFault } from "@/components/entry/page-fault";

/** Replaces the whole document when even the root layout failed, so it brings its own html and body. */
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en">
      <body>
        <title>Jobdeck</title>
        <PageFault digest={error.digest} onRetry={reset} />
      </body>
    </html>
  );
}
