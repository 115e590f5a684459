"use client";

import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import { decodeBase64, type RasterType } from "@/components/job/media";
import { buttonClass } from "@/components/ui/button";
import { byteWords } from "@/components/ui/byte-words";
import { Notice } from "@/components/ui/notice";

type RasterImageProps = { type: RasterType; base64: string; path: string };

/** One picture of an output, as a blob of the sniffed type: whatever the bytes are, the browser only ever draws them. */
export function RasterImage({ type, base64, path }: RasterImageProps) {
  const [blob, setBlob] = useState<{ url: string; bytes: number } | "broken" | null>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useEffect(() => {
    const bytes = decodeBase64(base64);
    if (!bytes) return setBlob("broken");
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    setBlob({ url, bytes: bytes.length });
    return () => URL.revokeObjectURL(url);
  }, [type, base64]);

  if (blob === "broken")
    return <Notice tone="warning">{path} starts like a picture, but its data is cut off or damaged.</Notice>;
  const extension = type.slice("image/".length);
  return (
    <figure className="min-w-0">
      <div className="flex min-h-40 items-center justify-center overflow-hidden rounded-lg bg-sunken">
        {blob && (
          // biome-ignore lint/performance/noImgElement: a blob of the output; nothing for Next's image service to fetch.
          <img
            src={blob.url}
            alt={`Result: ${path}`}
            className="max-h-160 max-w-full object-contain"
            onLoad={(event) =>
              setSize({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })
            }
            onError={() => setBlob("broken")}
          />
        )}
      </div>
      <figcaption className="mt-1.5 flex flex-wrap items-center justify-between gap-2 text-xs text-muted">
        <span className="min-w-0 break-all">
          <code className="font-mono">{path}</code> · {extension.toUpperCase()}
          {size && ` · ${size.width} × ${size.height}`}
          {blob && ` · ${byteWords(blob.bytes)}`}
        </span>
        {blob && (
          <a
            href={blob.url}
            download={`${path.replace(/\W+/g, "-")}.${extension}`}
            className={buttonClass("quiet", "sm")}
          >
            <Download aria-hidden className="size-3.5" /> Download
          </a>
        )}
      </figcaption>
    </figure>
  );
}
