"use client";

import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { getQueryClient } from "@/components/shell/query-client";
import { Toaster } from "@/components/ui/toast";

/**
 * What every page stands on. `disableStyleElements`: no inline style element from the component library at all; the
 * few rules that it would have inserted are in our stylesheet.
 */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={getQueryClient()}>
        <NuqsAdapter>
          <Tooltip.Provider delay={400}>
            {children}
            <Toaster />
          </Tooltip.Provider>
        </NuqsAdapter>
      </QueryClientProvider>
    </CSPProvider>
  );
}
