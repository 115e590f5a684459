"use client";

import { createContext, type ReactNode, useContext } from "react";

const NonceContext = createContext("");

/** Hands the page's CSP nonce to the one library that must insert style elements: the JSON editor. */
export function NonceProvider({ nonce, children }: { nonce: string; children: ReactNode }) {
  return <NonceContext value={nonce}>{children}</NonceContext>;
}

export const useNonce = (): string => useContext(NonceContext);
