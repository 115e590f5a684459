"use client";

import dynamic from "next/dynamic";

/** Folded away at first, so nobody waits for them to begin writing. What the form holds stays with the form. */
export const LazyPolicyFields = dynamic(
  () => import("@/components/composer/policy-fields").then((module) => module.PolicyFields),
  { ssr: false },
);
export const LazyS3Fields = dynamic(
  () => import("@/components/composer/s3-fields").then((module) => module.S3Fields),
  { ssr: false },
);
