"use client";

import { flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { jobColumns } from "@/components/jobs/columns";
import { cx } from "@/components/ui/class-names";
import { useMediaQuery } from "@/components/ui/media-query";
import type { JobRow } from "@/lib/jobs/schema";

const ROW_PX = { wide: 36, narrow: 60 } as const;
/** Five columns below 1024 px, all of them above; below 768 px two lines instead of columns. */
const GRID =
  "grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 md:grid-cols-[7rem_4.5rem_8rem_minmax(0,1fr)_7rem_5rem] lg:grid-cols-[7rem_4.5rem_8.5rem_minmax(0,1fr)_6.5rem_7.5rem_5rem]";

type JobsTableProps = {
  slug: string;
  jobs: JobRow[];
  /** Called when the end of the loaded rows comes into view. */
  onEnd: () => void;
};

/** Rows of the live table. Only those in view exist; a patched row re-renders alone, and none ever changes its place. */
export function JobsTable({ slug, jobs, onEnd }: JobsTableProps) {
  const columns = useMemo(() => jobColumns(slug), [slug]);
  const table = useReactTable({
    data: jobs,
    columns,
    getRowId: (job) => job.id,
    getCoreRowModel: getCoreRowModel(),
  });
  const rows = table.getRowModel().rows;
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  const isWide = useMediaQuery("(min-width: 48rem)");
  const rowPx = isWide ? ROW_PX.wide : ROW_PX.narrow;
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]!.id,
    // Enough for the first paint on the server and before the window is measured.
    initialRect: { width: 1280, height: 900 },
  });
  useEffect(() => {
    setOffset(body.current?.offsetTop ?? 0);
  }, []);
  useEffect(() => {
    void rowPx;
    virtualizer.measure();
  }, [virtualizer, rowPx]);

  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 10) onEnd();
  }, [last, rows.length, onEnd]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: virtual rows are placed by transform, which table elements do not allow.
    <div role="table" aria-label="Jobs, newest first" aria-rowcount={rows.length + 1} className="text-sm">
      {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: rows are not interactive themselves. */}
      <div role="row" aria-rowindex={1} className={cx(GRID, "h-8 items-center border-b max-md:sr-only")}>
        {table.getHeaderGroups()[0]?.headers.map((header) => (
          // biome-ignore lint/a11y/useSemanticElements: see above.
          // biome-ignore lint/a11y/useFocusableInteractive: a plain header; sorting is by time, always.
          <span
            key={header.id}
            role="columnheader"
            className={cx("label-caps", header.column.columnDef.meta?.className)}
          >
            {flexRender(header.column.columnDef.header, header.getContext())}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
      <div role="rowgroup" ref={body} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]!;
          return (
            // biome-ignore lint/a11y/useSemanticElements: see above.
            // biome-ignore lint/a11y/useFocusableInteractive: the link inside is what takes the focus.
            <div
              key={row.id}
              role="row"
              aria-rowindex={item.index + 2}
              className={cx(
                GRID,
                "absolute inset-x-0 top-0 content-center items-center border-b hover:bg-hover max-md:gap-y-0.5",
              )}
              style={{ height: item.size, transform: `translateY(${item.start - offset}px)` }}
            >
              {row.getVisibleCells().map((cell) => (
                // biome-ignore lint/a11y/useSemanticElements: see above.
                <span
                  key={cell.id}
                  role="cell"
                  className={cx("min-w-0 truncate", cell.column.columnDef.meta?.className)}
                >
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
