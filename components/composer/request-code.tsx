"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Segments } from "@/components/composer/segments";
import { Skeleton } from "@/components/ui/skeleton";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { RequestSpec } from "@/lib/requests/schema";
import type { SnippetForm } from "@/lib/requests/snippets";

/** The writers of programs are fetched when somebody looks at one. */
const SnippetView = dynamic(() => import("@/components/composer/snippet-view"), {
  ssr: false,
  loading: () => <Skeleton className="h-40 w-full" />,
});

type Way = { form: SnippetForm; label: string; words: string };
export type Language = "curl" | "python" | "javascript" | "go";

const WAYS: Record<Language, readonly [Way, ...Way[]]> = {
  curl: [{ form: "curl", label: "curl", words: "curl command" }],
  python: [
    { form: "python-requests", label: "requests", words: "Python program" },
    { form: "python-sdk", label: "runpod SDK", words: "Python program with the SDK" },
  ],
  javascript: [
    { form: "javascript-fetch", label: "fetch", words: "JavaScript program" },
    { form: "javascript-sdk", label: "runpod SDK", words: "JavaScript program with the SDK" },
  ],
  go: [{ form: "go", label: "net/http", words: "Go program" }],
};

type RequestCodeProps = { language: Language; spec: RequestSpec; endpoint: EndpointRow | undefined };

export function RequestCode({ language, spec, endpoint }: RequestCodeProps) {
  const ways = WAYS[language];
  const [chosen, setChosen] = useState<SnippetForm>(ways[0].form);
  if (!endpoint)
    return (
      <p className="text-sm text-muted">Choose an endpoint first: its address is part of the program.</p>
    );
  const way = ways.find(({ form }) => form === chosen) ?? ways[0];
  return (
    <div className="space-y-2">
      {ways.length > 1 && (
        <Segments
          label="Written with"
          value={way.form}
          onChange={setChosen}
          options={ways.map(({ form, label }) => ({ value: form, label }))}
        />
      )}
      <SnippetView form={way.form} words={way.words} spec={spec} endpoint={endpoint} />
    </div>
  );
}
