// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { useParameters } from "@/lib/address";
import { link, readMinutes } from "@/lib/selection";
import type { Verdict } from "@/lib/verdict";

/** Rows drawn at first: what a screen shows several times over, and quick to draw at each poll. */
export const ROWS = 100;
export const ROWS_MAX = 1000;

const STATES: readonly Verdict[] = ["fail", "ok", "insufficient"];

export interface OverviewChoice {
  q: string | undefined;
  state: Verdict | undefined;
  windowMinutes: number | undefined;
  rows: number;
  query: { q?: string; state?: Verdict; window_minutes?: number; limit: number };
}

/** What of the overview is asked for, as its address says. */
export function useOverviewChoice(): OverviewChoice {
  const parameters = useParameters();
  return useMemo(() => {
    const q = parameters.get("q") || undefined;
    const state = STATES.find((one) => one === parameters.get("state"));
    const windowMinutes = readMinutes(parameters.get("window_minutes"));
    const wanted = Number(parameters.get("rows"));
    const rows = Number.isInteger(wanted) && wanted > ROWS ? Math.min(wanted, ROWS_MAX) : ROWS;
    const query = {
      limit: rows,
      ...(q ? { q } : {}),
      ...(state ? { state } : {}),
      ...(windowMinutes ? { window_minutes: windowMinutes } : {}),
    };
    return { q, state, windowMinutes, rows, query };
  }, [parameters]);
}

/** The address of the same overview with something changed. */
export function overviewLink(
  { q, state, windowMinutes, rows }: OverviewChoice,
  change: Partial<Pick<OverviewChoice, "q" | "state" | "rows">>,
): string {
  const next = { q, state, rows, ...change };
  return link(
    "/",
    { windowMinutes },
    {
      q: next.q,
      state: next.state,
      rows: next.rows > ROWS ? next.rows : undefined,
    },
  );
}
