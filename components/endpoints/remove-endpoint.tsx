"use client";

import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast } from "@/components/ui/toast";
import { removeEndpointAction } from "@/lib/endpoints/actions";
import type { EndpointRow } from "@/lib/endpoints/schema";

export function RemoveEndpoint({ endpoint }: { endpoint: EndpointRow }) {
  const { slug } = usePlace();
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    const result = await removeEndpointAction(slug, { id: endpoint.id });
    if (!result.ok) {
      toast.failed({ title: "The endpoint was not removed", description: result.error.message });
      return false;
    }
    toast.done({ title: `${endpoint.name} was removed` });
    router.push(`/${slug}/endpoints`);
    router.refresh();
    return true;
  };
  return (
    <>
      <Button onClick={() => setAsking(true)} icon={<Trash2 aria-hidden className="size-4" />}>
        Remove endpoint…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${endpoint.name}?`}
        confirmLabel="Remove"
        danger
        onConfirm={remove}
      >
        <p>
          {endpoint.kind === "local"
            ? "Its queue goes with it: jobs that have not finished are dropped, and its workers are refused."
            : "Its API key is deleted here. Nothing changes at the provider, but jobs under way are no longer watched."}
        </p>
        <p>The jobs that it ran, and their results, stay.</p>
      </ConfirmDialog>
    </>
  );
}
