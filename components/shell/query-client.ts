import { isServer, QueryClient } from "@tanstack/react-query";

const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // What the server prefetched is fresh enough for the first paint; live queries set their own interval.
        staleTime: 10_000,
        // A hidden tab makes no traffic; coming back refetches what is stale.
        refetchIntervalInBackground: false,
        refetchOnWindowFocus: true,
        retry: 1,
      },
      mutations: { retry: false },
    },
  });

let browserClient: QueryClient | undefined;

/** One client per browser, one per request on the server, so that no person's data reaches another's page. */
export function getQueryClient(): QueryClient {
  if (isServer) return createQueryClient();
  browserClient ??= createQueryClient();
  return browserClient;
}
