import type { EndpointKind } from "@/lib/endpoints/schema";

const KIND_WORDS: Record<EndpointKind, string> = {
  runpod: "RunPod",
  custom: "Custom address",
  local: "Local",
};

export const kindWord = (kind: EndpointKind): string => KIND_WORDS[kind];
