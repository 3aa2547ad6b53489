// SPDX-License-Identifier: Apache-2.0
// What the views ask of the guard. Nothing stands in for an answer while it loads: another
// service's would be wrong, not old.
import { useQuery } from "@tanstack/react-query";
import { get } from "./client";

/** What the guard answers of a service now, and its policy. */
export function useGuard(service: string) {
  const query = { service };
  return useQuery({
    queryKey: ["/v1/guard/services", query],
    queryFn: ({ signal }) => get("/v1/guard/services", { query, signal }),
    select: ({ services }) => services[0],
  });
}

/** What people told the guard to answer, while it holds. */
export function useGuardOverrides(service: string) {
  const query = { service, holding: true };
  return useQuery({
    queryKey: ["/v1/guard/overrides", query],
    queryFn: ({ signal }) => get("/v1/guard/overrides", { query, signal }),
  });
}
