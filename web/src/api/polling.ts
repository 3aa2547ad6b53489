// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from "@tanstack/react-query";

export const POLL_MS = 5000;

/** Asks every five seconds while somebody looks; a failed poll keeps what is there. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        refetchInterval: POLL_MS,
        refetchIntervalInBackground: false,
        refetchOnWindowFocus: "always",
        staleTime: 0,
        gcTime: 60_000,
        retry: false,
        // The server may be this machine: there also when the browser calls itself offline.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
