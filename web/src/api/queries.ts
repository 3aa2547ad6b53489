// SPDX-License-Identifier: Apache-2.0
// What the views ask for. A query's key is its path and its parameters.
import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { Selection } from "@/lib/selection";
import { get, post, remove, type GetPath, type Got, type Query } from "./client";
import { POLL_MS } from "./polling";
import type { BaselineInfo, CheckDetail, SilenceOrder, Where } from "./types";

interface Options {
  refetchInterval?: number | false;
  meta?: { seldom: true };
}

/** Asked for less often than the rest: it says nothing of how old the view is. */
const SELDOM = { refetchInterval: 6 * POLL_MS, meta: { seldom: true } } as const;
const LONG_HISTORY_MINUTES = 1440;

function useGet<P extends GetPath>(
  path: P,
  query: Query<P>,
  options: Options = {},
): UseQueryResult<Got<P>> {
  return useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => get(path, { query, signal }),
    // Another window or filter of the same thing: the old answer stays until the new one is there.
    placeholderData: keepPreviousData,
    ...options,
  }) as UseQueryResult<Got<P>>;
}

/** A selection as the parameters of the API. */
export function parametersOf({ service, endpoint, host, windowMinutes, at }: Selection) {
  return { service, endpoint, host, window_minutes: windowMinutes, at };
}

export function useOverview(query: Query<"/v1/overview">) {
  return useGet("/v1/overview", query);
}

export function useReport(selection: Selection) {
  return useGet("/reports/latest", parametersOf(selection));
}

/** Names of endpoints change seldom, and there may be many. */
export function useServices() {
  return useQuery({
    queryKey: ["/v1/services"],
    queryFn: ({ signal }) => get("/v1/services", { signal }),
    ...SELDOM,
    staleTime: SELDOM.refetchInterval,
  });
}

/** What the server wants people to know of: a disk that fills, say. */
export function useWarnings(): readonly string[] {
  const health = useQuery({
    queryKey: ["/health"],
    queryFn: ({ signal }) => get("/health", { signal }),
    ...SELDOM,
  });
  return health.data?.warnings ?? [];
}

export function useHosts(selection: Selection) {
  const { service, endpoint, window_minutes, at } = parametersOf(selection);
  return useGet("/v1/hosts", { service, endpoint, window_minutes, at }, SELDOM);
}

export interface Stretch {
  minutes: number;
  steps: number;
  check?: string | undefined;
}

export function useTimeline(selection: Selection, { minutes, steps, check }: Stretch) {
  const query = { ...parametersOf(selection), window_minutes: minutes, steps, check };
  // Of many days, half a minute changes nothing.
  return useGet("/v1/timeline", query, minutes > LONG_HISTORY_MINUTES ? SELDOM : {});
}

export function useCheck(selection: Selection, name: string) {
  const query = parametersOf(selection);
  return useQuery<CheckDetail>({
    queryKey: ["/v1/checks/{name}", name, query],
    queryFn: ({ signal }) => get("/v1/checks/{name}", { path: { name }, query, signal }),
    placeholderData: keepPreviousData,
  });
}

/**
 * Every alarm of a service, of the whole of it and as of now. As in the two below nothing stands in
 * for it while it loads: another service's alarms would be wrong, not old.
 */
export function useAlarms(service: string) {
  const query = { service };
  return useQuery({
    queryKey: ["/v1/alarms", query],
    queryFn: ({ signal }) => get("/v1/alarms", { query, signal }),
  });
}

export function useEvidence(service: string, name: string) {
  const query = { service };
  return useQuery({
    queryKey: ["/v1/alarms/{name}/evidence", name, query],
    queryFn: ({ signal }) => get("/v1/alarms/{name}/evidence", { path: { name }, query, signal }),
  });
}

/** Of one service or, without a name, of all; the latest first. */
export function useIncidents(service: string, limit: number) {
  const query = { limit, ...(service ? { service } : {}) };
  return useQuery({
    queryKey: ["/v1/incidents", query],
    queryFn: ({ signal }) => get("/v1/incidents", { query, signal }),
  });
}

/** Stretches in which no message goes out, those that have ended too; the latest first. */
export function useSilences() {
  return useQuery({
    queryKey: ["/v1/silences"],
    queryFn: ({ signal }) => get("/v1/silences", { signal }),
    ...SELDOM,
  });
}

/** What carries the check's drift, ranked. */
export function useWhere(selection: Selection, name: string) {
  const query = parametersOf(selection);
  return useQuery<Where>({
    queryKey: ["/v1/checks/{name}/where", name, query],
    queryFn: ({ signal }) => get("/v1/checks/{name}/where", { path: { name }, query, signal }),
    placeholderData: keepPreviousData,
  });
}

export function useExamples(selection: Selection, check: string) {
  return useGet("/v1/examples", { ...parametersOf(selection), check, limit: 10 });
}

export function useBaselines(service: string) {
  return useGet("/v1/baselines", { service });
}

/** What somebody left out of the service's baselines. */
export function useExclusions(service: string) {
  return useGet("/v1/baselines/exclusions", { service });
}

/** Version `to` as if it were live traffic, against version `from`. */
export function useComparison(service: string, from: number, to: number) {
  return useQuery({
    queryKey: ["/v1/baselines/{version}/diff/{to}", service, from, to],
    queryFn: ({ signal }) =>
      get("/v1/baselines/{version}/diff/{to}", {
        path: { version: from, to },
        query: { service },
        signal,
      }),
    refetchInterval: false,
    meta: SELDOM.meta,
    staleTime: Infinity,
  });
}

/** Everything on screen may look different with another baseline. */
function useChange<V, R>(change: (variables: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => client.invalidateQueries() });
}

export function useBuildBaseline(service: string) {
  return useChange(({ from, to }: { from: string; to: string }) =>
    post("/v1/baselines", { body: { service, from, to } }),
  );
}

export function useActivateBaseline(service: string) {
  return useChange(({ version }: Pick<BaselineInfo, "version">) =>
    post("/v1/baselines/{version}/activate", { path: { version }, query: { service } }),
  );
}

/** Returns to the version that was active before. */
export function useRollBack(service: string) {
  return useChange(() => post("/v1/baselines/rollback", { query: { service } }));
}

/** Somebody knows of an incident. */
export function useAcknowledge(id: string) {
  return useChange((order: { who: string; note: string }) =>
    post("/v1/incidents/{id}/ack", { path: { id }, body: order }),
  );
}

export function useSilence() {
  return useChange((order: SilenceOrder) => post("/v1/silences", { body: order }));
}

export function useEndSilence() {
  return useChange((which: { id: number; who: string }) =>
    remove("/v1/silences", { query: which }),
  );
}
