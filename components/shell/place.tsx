"use client";

import { createContext, type ReactNode, useContext } from "react";
import { may, type Permission, type Role } from "@/lib/auth/permissions";

type Place = { slug: string; role: Role };
const PlaceContext = createContext<Place | null>(null);

/** In which workspace the page is, and as what the viewer is there. */
export function PlaceProvider({ slug, role, children }: Place & { children: ReactNode }) {
  return <PlaceContext value={{ slug, role }}>{children}</PlaceContext>;
}

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error("usePlace needs a PlaceProvider: it belongs under app/[workspace]");
  return place;
}

/** Whether to offer something. The server decides again when it is used. */
export function useMay(permission: Permission): boolean {
  return may(usePlace().role, permission);
}
