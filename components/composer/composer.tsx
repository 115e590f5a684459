"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Send } from "lucide-react";
import { useRef, useState } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import {
  type ComposeOutput,
  type ComposeStart,
  type ComposeValues,
  composeSchema,
} from "@/components/composer/compose-values";
import { fromDraft, isUntouched } from "@/components/composer/draft-content";
import { DraftWords, ReplacedNotice, ResumedNotice } from "@/components/composer/draft-notices";
import { EndpointField } from "@/components/composer/endpoint-field";
import { focusInvalid } from "@/components/composer/focus-invalid";
import { FoldedSection } from "@/components/composer/folded-section";
import { HistorySection } from "@/components/composer/history-section";
import { InputField } from "@/components/composer/input-field";
import { LazyRequestPreview } from "@/components/composer/lazy-request-preview";
import { LazyPolicyFields, LazyS3Fields } from "@/components/composer/lazy-settings";
import { SentJob } from "@/components/composer/sent-job";
import { settingDigest } from "@/components/composer/setting-words";
import { EMPTY_INPUT, STARTER_INPUTS } from "@/components/composer/starter-requests";
import { useDraft } from "@/components/composer/use-draft";
import { useSendKey } from "@/components/composer/use-send-key";
import { useSubmit } from "@/components/composer/use-submit";
import { usePlace } from "@/components/shell/place";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { Kbd } from "@/components/ui/kbd";
import { showServerError } from "@/components/ui/server-error";
import { readDraftAction } from "@/lib/drafts/actions";
import { endpointSlot } from "@/lib/drafts/schema";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { UsualTime } from "@/lib/jobs/usual-times";

type ComposerProps = {
  endpoints: readonly EndpointRow[];
  start: ComposeStart;
  /** What it starts with when the draft is given up. */
  fresh: ComposeStart;
  /** How long each endpoint's jobs took lately. */
  usual: Record<string, UsualTime>;
};

export function Composer({ endpoints, start, fresh, usual }: ComposerProps) {
  const { slug } = usePlace();
  const { originJobId } = start;
  const [sent, setSent] = useState<string | null>(null);
  const form = useForm<ComposeValues, unknown, ComposeOutput>({
    resolver: zodResolver(composeSchema),
    defaultValues: { endpointId: start.endpointId ?? "", request: start.request },
  });
  const { submit, busy } = useSubmit(slug);
  const formRef = useRef<HTMLFormElement>(null);

  const values = useWatch({ control: form.control });
  const draft = useDraft({ slug, form, originJobId, version: start.draft?.version ?? 0 });
  const [resumedAt, setResumedAt] = useState(start.draft?.savedAt ?? null);

  // What the form was filled with last: sections that it sets something in stand open, the others closed.
  const [filled, setFilled] = useState({ request: start.request, round: 0 });
  const put = ({ endpointId, request }: ComposeStart) => {
    form.reset({ endpointId: endpointId ?? "", request });
    setFilled(({ round }) => ({ request, round: round + 1 }));
  };
  const startOver = () => {
    put(fresh);
    setResumedAt(null);
    draft.clear();
  };

  const send = form.handleSubmit(
    async (output) => {
      const result = await submit({ ...output, ...(originJobId && { originJobId }) });
      if (!result) return;
      if (!result.ok) return showServerError(form, result.error);
      draft.clear();
      setResumedAt(null);
      setSent(result.value.id);
    },
    () => focusInvalid(formRef.current),
  );

  useSendKey(() => void send());

  /** An untouched input changes with the endpoint: to what was being written for it, else to something that works. */
  const onPick = async (endpoint: EndpointRow) => {
    if (!isUntouched(form.getValues("request.inputText"))) return;
    form.setValue("request.inputText", endpoint.sample ? STARTER_INPUTS[endpoint.sample] : EMPTY_INPUT);
    if (originJobId) return;
    const slot = endpointSlot(endpoint.id);
    const known = await readDraftAction(slug, { slot }).catch(() => null);
    const isStillSo = () =>
      isUntouched(form.getValues("request.inputText")) && form.getValues("endpointId") === endpoint.id;
    if (!known?.ok || !known.value || !isStillSo()) return;
    draft.seeVersion(slot, known.value.version);
    put(fromDraft(known.value.content));
    setResumedAt(known.value.savedAt);
  };
  const endpoint = endpoints.find(({ id }) => id === values.endpointId);

  return (
    <FormProvider {...form}>
      <form
        method="post"
        ref={formRef}
        noValidate
        onSubmit={send}
        className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(0,28rem)] 2xl:grid-cols-[minmax(0,1fr)_minmax(0,36rem)]"
      >
        <div className="flex min-w-0 flex-col gap-5">
          {resumedAt && <ResumedNotice savedAt={resumedAt} onStartOver={startOver} />}
          {draft.replaced && (
            <ReplacedNotice
              onTake={() => {
                if (draft.replaced) put(fromDraft(draft.replaced));
                draft.dismissReplaced();
              }}
              onDismiss={draft.dismissReplaced}
            />
          )}
          <EndpointField endpoints={endpoints} onPick={(picked) => void onPick(picked)} />
          <InputField endpoints={endpoints} onSend={() => void send()} />
          <FoldedSection
            title="Webhook, timeouts and priority"
            digest={settingDigest(values.request ?? {})}
            key={`settings ${filled.round}`}
            startsOpen={settingDigest(filled.request) !== ""}
          >
            <LazyPolicyFields endpoint={endpoint} usual={endpoint && usual[endpoint.id]} />
          </FoldedSection>
          <FoldedSection
            key={`advanced ${filled.round}`}
            title="Advanced"
            startsOpen={filled.request.s3 !== undefined}
          >
            <LazyS3Fields keepsSecrets={Boolean(originJobId)} />
          </FoldedSection>
          <HistorySection endpointId={endpoint?.id} />
          <FormError message={form.formState.errors.root?.server?.message} />
          <div className="flex items-center gap-3 border-t pt-4">
            <Button type="submit" look="primary" busy={busy} icon={<Send aria-hidden className="size-4" />}>
              Send
            </Button>
            <span className="hidden items-center gap-1 text-xs text-faint md:flex">
              <Kbd>Ctrl/⌘</Kbd>
              <Kbd>Enter</Kbd>
            </span>
            <DraftWords state={draft.state} />
          </div>
        </div>
        <div className="flex min-w-0 flex-col gap-6 xl:sticky xl:top-5">
          {sent && <SentJob id={sent} />}
          <LazyRequestPreview endpoint={endpoint} />
        </div>
      </form>
    </FormProvider>
  );
}
