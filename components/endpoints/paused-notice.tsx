"use client";

import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { sentence } from "@/components/endpoints/trouble-words";
import { useMay, usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { toast } from "@/components/ui/toast";
import { resumeEndpointAction } from "@/lib/endpoints/actions";
import { endpointPressureOptions } from "@/lib/endpoints/queries";
import type { EndpointRow, Pressure } from "@/lib/endpoints/schema";

/** Says why nothing or little is sent or watched, as soon as it is so, and lets an editor resume it. */
export function PausedNotice({ endpoint }: { endpoint: EndpointRow }) {
  const { slug } = usePlace();
  const { data } = useQuery(endpointPressureOptions(slug, endpoint.id));
  const { pausedAt, pausedReason } = data ?? endpoint;
  const circuits = data?.circuits ?? [];
  return (
    <div role="status" className="space-y-2 empty:hidden">
      {pausedAt && (
        <Notice
          tone="warning"
          title="Paused: nothing is sent or watched"
          actions={<Resume endpoint={endpoint} label="Resume" />}
        >
          {pausedReason && sentence(pausedReason)} Its jobs are kept. Enter a good key below, or resume if
          this one is good again.
        </Notice>
      )}
      {!pausedAt &&
        circuits.map((circuit) => (
          <Notice
            key={circuit.operation}
            tone="warning"
            title={
              circuit.operation === "run"
                ? "Requests have been getting lost here"
                : "It has not been answering"
            }
            actions={<Resume endpoint={endpoint} label="Try now" />}
          >
            <CircuitWords circuit={circuit} />
          </Notice>
        ))}
    </div>
  );
}

function CircuitWords({ circuit }: { circuit: Pressure["circuits"][number] }): ReactNode {
  const { operation, openedAt, retryAt, words } = circuit;
  return (
    <>
      Since <RelativeTime at={openedAt} />: {sentence(words)}{" "}
      {operation === "run" ? "New requests wait" : "Its jobs wait, none is failed or dropped"}; it is tried
      again by itself{retryAt && <NextTry at={retryAt} />}.
    </>
  );
}

const NextTry = ({ at }: { at: string }) => (
  <>
    {" "}
    (<RelativeTime at={at} />)
  </>
);

function Resume({ endpoint, label }: { endpoint: EndpointRow; label: string }) {
  const { slug } = usePlace();
  const router = useRouter();
  const mayEdit = useMay("endpoints:edit");
  const { refetch } = useQuery(endpointPressureOptions(slug, endpoint.id));
  const [busy, setBusy] = useState(false);
  if (!mayEdit) return null;
  const resume = async () => {
    setBusy(true);
    const result = await resumeEndpointAction(slug, { id: endpoint.id });
    if (result.ok) await refetch();
    setBusy(false);
    if (!result.ok) return toast.failed({ title: "It was not resumed", description: result.error.message });
    toast.done({ title: `${endpoint.name} is tried again` });
    router.refresh();
  };
  return (
    <Button
      size="sm"
      busy={busy}
      onClick={() => void resume()}
      icon={<Play aria-hidden className="size-3.5" />}
    >
      {label}
    </Button>
  );
}
