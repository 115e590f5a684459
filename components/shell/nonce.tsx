"use client";

import { createContext, type ReactNode, useContext, useState } from "react";

const NonceContext = createContext("");

/** Hands the page's CSP nonce to the one library that must insert style elements: the JSON editor. */
export function NonceProvider({ nonce, children }: { nonce: string; children: ReactNode }) {
  // The document keeps the nonce that it was loaded with; a later refresh of the layout brings another one that its
  // policy does not know.
  const [first] = useState(nonce);
  return <NonceContext value={first}>{children}</NonceContext>;
}

export const useNonce = (): string => useContext(NonceContext);
