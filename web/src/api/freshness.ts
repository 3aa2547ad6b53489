// SPDX-License-Identifier: Apache-2.0
// How old the data on screen are, and whether the server still answers: read from the queries that
// somebody looks at, so that no view has to report it.
import { useQueryClient, type QueryCache } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { ServerAway } from "./client";

export type Freshness =
  | { state: "waiting" }
  | { state: "live"; updatedAt: number }
  /** The last try failed; `updatedAt` is 0 if there never was an answer. */
  | { state: "away"; updatedAt: number; since: number; reason: string };

export function freshnessOf(cache: QueryCache): Freshness {
  const watched = cache
    .getAll()
    .filter((query) => query.isActive() && !query.meta?.["seldom"])
    .map((query) => query.state);
  const failed = watched.find((state) => state.error instanceof ServerAway);
  const answered = watched.filter((state) => state.dataUpdatedAt > 0);
  const updatedAt = answered.length ? Math.min(...answered.map((state) => state.dataUpdatedAt)) : 0;
  if (failed?.error) {
    return { state: "away", updatedAt, since: failed.errorUpdatedAt, reason: failed.error.message };
  }
  return updatedAt ? { state: "live", updatedAt } : { state: "waiting" };
}

/** Text that is equal when the freshness is: what useSyncExternalStore compares. */
export function useFreshness(): Freshness {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((changed: () => void) => cache.subscribe(changed), [cache]);
  const text = useSyncExternalStore(subscribe, () => JSON.stringify(freshnessOf(cache)));
  return JSON.parse(text) as Freshness;
}
