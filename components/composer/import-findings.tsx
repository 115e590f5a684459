import { endpointOf, foundSettings, isInputOnly, leftOut } from "@/components/composer/import-request";
import { DefinitionList, Fact } from "@/components/ui/definition-list";
import { Select } from "@/components/ui/select";
import type { EndpointRow } from "@/lib/endpoints/schema";
import type { Pasted, PastedRequest } from "@/lib/requests/imports-pasted";

type ImportFindingsProps = {
  pasted: Extract<Pasted, { kind: "requests" }>;
  chosen: PastedRequest;
  onChoose: (index: number) => void;
  endpoints: readonly EndpointRow[];
};

const SHOWN_CHARACTERS = 600;

/** What a paste holds, where it will go, and what will not come along. */
export function ImportFindings({ pasted, chosen, onChoose, endpoints }: ImportFindingsProps) {
  const { requests, source } = pasted;
  const { inputText } = chosen.fields;
  const left = leftOut(chosen);
  return (
    <section aria-labelledby="import-found" className="space-y-3">
      <h3 id="import-found" className="text-sm font-medium">
        Found in {source}
      </h3>
      {requests.length > 1 && (
        <Select
          label="Which of its requests"
          value={String(requests.indexOf(chosen))}
          onChange={(index) => onChoose(Number(index))}
          options={requests.map(({ name }, index) => ({ value: String(index), label: name }))}
        />
      )}
      <DefinitionList>
        <Fact name="Endpoint">{endpointWords(chosen, endpoints)}</Fact>
        <Fact name="Input">
          <pre className="max-h-32 overflow-hidden font-mono text-xs leading-5 break-words whitespace-pre-wrap">
            {inputText.length > SHOWN_CHARACTERS ? `${inputText.slice(0, SHOWN_CHARACTERS)}…` : inputText}
          </pre>
        </Fact>
        {foundSettings(chosen).map(([name, value]) => (
          <Fact key={name} name={name}>
            <span className="break-all">{value}</span>
          </Fact>
        ))}
      </DefinitionList>
      {left.length > 0 && (
        <>
          <h3 className="text-sm font-medium">Left out or changed</h3>
          <ul className="list-disc space-y-1 pl-5 text-sm">
            {left.map((note) => (
              <li key={note} className="break-words">
                {note}
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="text-xs text-faint">
        {isInputOnly(chosen)
          ? "Only the input changes; the settings stay as they are."
          : "It replaces what stands in the composer, settings included. You can undo that."}
      </p>
    </section>
  );
}

function endpointWords(chosen: PastedRequest, endpoints: readonly EndpointRow[]): string {
  const known = endpointOf(chosen, endpoints);
  if (known) return known.name;
  if (!chosen.address) return "It names none; the one you chose stays.";
  return `${chosen.address.endpointId}, which is not in this workspace; the one you chose stays.`;
}
