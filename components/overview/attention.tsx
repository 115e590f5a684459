"use client";

import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { troubleWords } from "@/components/endpoints/trouble-words";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { StateDot, stateMeaning, stateWord } from "@/components/ui/state-badge";
import { endpointListOptions } from "@/lib/endpoints/queries";
import type { EndpointRow } from "@/lib/endpoints/schema";

type AttentionProps = { counts: Record<string, number>; endpoints: readonly EndpointRow[] };
type Item = { key: string; href: string; state: string; title: string; words: string };

/** In the order of what it may cost: doubt first. */
const STATES = ["UNCONFIRMED", "FAILED", "TIMED_OUT", "LOST"];

/** What a person should look at. Nothing at all when there is nothing. */
export function Attention({ counts, endpoints }: AttentionProps) {
  const { slug } = usePlace();
  const { data: live } = useQuery({ ...endpointListOptions(slug), initialData: [...endpoints] });
  const items: Item[] = [
    ...live.flatMap((endpoint) => {
      const words = troubleWords(endpoint);
      return words
        ? [{ key: endpoint.id, href: `/${slug}/endpoints/${endpoint.id}`, state: "TIMED_OUT", ...words }]
        : [];
    }),
    ...STATES.filter((state) => (counts[state] ?? 0) > 0).map((state) => ({
      key: state,
      href: `/${slug}/jobs?state=${state}`,
      state,
      title: `${(counts[state] ?? 0).toLocaleString("en")} ${stateWord(state).toLowerCase()}`,
      words: stateMeaning(state),
    })),
  ];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="attention" className="mb-8">
      <h2 id="attention" className="mb-1 text-lg font-semibold">
        Needs attention
      </h2>
      <ul className="divide-y border-y">
        {items.map((item) => (
          <li key={item.key}>
            <AppLink
              href={item.href}
              className="flex items-center gap-3 px-1 py-2 text-sm hover:bg-hover focus-visible:-outline-offset-2"
            >
              <StateDot status={item.state} />
              <span className="min-w-0 flex-1 sm:flex sm:gap-3">
                <span className="block shrink-0 font-medium sm:w-44">{item.title}</span>
                <span className="block min-w-0 truncate text-muted">{item.words}</span>
              </span>
              <ChevronRight aria-hidden className="size-4 shrink-0 text-faint" />
            </AppLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
