import { AppError } from "@/lib/kernel/errors";
import type { WholeRequest } from "@/lib/requests/whole-request";

/** Where a pasted request was addressed to. */
export type PastedAddress = {
  /** As written; may be a placeholder that no workspace knows. */
  endpointId: string;
  /** Everything before `/{endpointId}`; null where the paste does not say. */
  baseUrl: string | null;
};

export type PastedRequest = {
  /** What a person chooses it by, where a file holds several. */
  name: string;
  address: PastedAddress | null;
  fields: Omit<WholeRequest, "unknownKeys">;
  /** Keys of the body that the provider would discard; left out. */
  unknownKeys: string[];
  /** What else was left out, changed or could not be known, in sentences. */
  notes: string[];
};

export type Pasted =
  /** Nothing but text: an input, a part of one, or words. It goes where the cursor is. */
  | { kind: "text" }
  /** It is a request, but not one that can be taken; says why. */
  | { kind: "refused"; message: string }
  /** @property source as in "Taken from {source}" */
  | { kind: "requests"; source: string; requests: [PastedRequest, ...PastedRequest[]] };

/** Give up on a paste with words for the person. */
export function refuse(message: string): never {
  throw new AppError("invalid", message);
}

export const DROPPED_KEY =
  "An API key or another Authorization in it was dropped: Jobdeck sends with the endpoint's own key.";
