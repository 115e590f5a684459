"use client";

import { ExternalLink } from "lucide-react";
import { useMemo } from "react";
import { JsonTree } from "@/components/job/json-tree";
import { type Found, findMedia } from "@/components/job/media";
import { OutputHead } from "@/components/job/output-head";
import { RasterImage } from "@/components/job/raster-image";
import { CopyButton } from "@/components/ui/copy-button";
import type { JobDetail } from "@/lib/jobs/schema";
import { findJsonExcess, JSON_MAX } from "@/lib/requests/json-excess";

/** An output shown as what it is: pictures and texts first, links to follow by choice, then the whole tree. */
export function OutputView({ text, job }: { text: string; job: Pick<JobDetail, "id" | "outputBytes"> }) {
  const output = useMemo(() => parse(text), [text]);
  const found = useMemo(() => findMedia(output.value), [output]);
  if (!output.ok) return <OutputHead job={job} why={output.why} />;
  const images = found.filter((item) => item.kind === "image");
  const rest = found.filter((item) => item.kind !== "image");
  const wholeIsShown = found.length === 1 && typeof output.value === "string";
  return (
    <div className="space-y-4">
      {images.length > 0 && (
        <div className={images.length > 1 ? "grid gap-4 sm:grid-cols-2" : ""}>
          {images.map((image) => (
            <RasterImage key={image.path} {...image} />
          ))}
        </div>
      )}
      {rest.map((item) => (
        <FoundItem key={item.path} item={item} />
      ))}
      {!wholeIsShown && <JsonTree value={output.value} label="Output as a tree" />}
    </div>
  );
}

function FoundItem({ item }: { item: Exclude<Found, { kind: "image" }> }) {
  if (item.kind === "link")
    return (
      <p className="flex min-w-0 items-center gap-2 text-sm">
        <code className="shrink-0 font-mono text-xs text-muted">{item.path}</code>
        <a
          href={item.url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          referrerPolicy="no-referrer"
          className="flex min-w-0 items-center gap-1 text-accent-ink hover:underline"
        >
          <span className="truncate">{item.url}</span>
          <ExternalLink aria-label="opens another site" className="size-3.5 shrink-0" />
        </a>
        <CopyButton text={item.url} what="link" />
      </p>
    );
  return (
    <figure className="min-w-0">
      <figcaption className="flex items-center justify-between gap-2 text-xs text-muted">
        <code className="font-mono">{item.path}</code>
        <CopyButton text={item.text} what="text" />
      </figcaption>
      <p className="max-w-prose border-l-2 pl-3 text-base leading-6 break-words whitespace-pre-wrap">
        {item.text}
      </p>
    </figure>
  );
}

/** What a page makes into a tree within some milliseconds; the text of anything larger says as much. */
const SHOWN_MAX = { depth: JSON_MAX.depth, branches: 20_000, values: 100_000 };

type Parsed = { ok: true; value: unknown } | { ok: false; value: undefined; why: string };

function parse(text: string): Parsed {
  const excess = findJsonExcess(text, SHOWN_MAX);
  if (excess) return { ok: false, value: undefined, why: `This ${excess}, so it stays text.` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, value: undefined, why: "This is not valid JSON, so it is shown as it came." };
  }
}
