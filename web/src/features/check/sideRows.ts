// SPDX-License-Identifier: Apache-2.0
import type { CheckDetail, MeasureDetail, PsiDetail, QualityDetail } from "@/api/types";
import { count, counted, DASH, percent, probability, significant, statistic } from "@/lib/numbers";
import { checkFigure, isTest, KIND_NAME, limitText, VALUE_NAME } from "@/lib/verdict";
import { isNumeric, unitOf, type Numeric } from "./numeric";

export interface SideRow {
  title: string;
  baseline: string;
  live: string;
}

function numericRows(detail: Numeric): SideRow[] {
  const format = unitOf(detail);
  const { live, baseline } = detail.sides;
  const one = (
    title: string,
    pick: (side: typeof live) => number | null,
    write: typeof format = count,
  ): SideRow => ({
    title,
    live: write(pick(live)),
    baseline: baseline ? write(pick(baseline)) : DASH,
  });
  return [
    one("Values", (side) => side.n),
    one("Missing", (side) => side.missing),
    one("Of another type", (side) => side.type_mismatches),
    one("Mean", (side) => side.mean, format),
    one("Standard deviation", (side) => side.std, format),
    one("Minimum", (side) => side.min, format),
    ...detail.quantiles.map((pair) => ({
      title: `${Number((pair.p * 100).toFixed(1))} % are up to`,
      baseline: format(pair.baseline),
      live: format(pair.live),
    })),
    one("Maximum", (side) => side.max, format),
  ];
}

function categoricalRows({ live, baseline }: PsiDetail["sides"]): SideRow[] {
  return [
    { title: "Values", live: count(live.n), baseline: count(baseline?.n) },
    { title: "Missing", live: count(live.missing), baseline: count(baseline?.missing) },
    {
      title: "Of another type",
      live: count(live.type_mismatches),
      baseline: count(baseline?.type_mismatches),
    },
    { title: "Categories", live: count(live.distinct), baseline: count(baseline?.distinct) },
  ];
}

function shapeRows({ kind, check }: QualityDetail): SideRow[] {
  const missing = kind === "missing";
  return [
    {
      title: missing ? "Events that could have it" : "Values",
      live: count(check.live_n),
      baseline: count(check.baseline_n),
    },
    {
      title: missing ? "Missing" : "Of another type",
      live: count(check.live_count),
      baseline: count(check.baseline_count),
    },
    {
      title: "Share",
      live: percent(check.share, 2),
      baseline: percent(check.baseline_share, 2),
    },
  ];
}

/** Figures that both sides have, as rows of a table. */
export function sideRows(detail: CheckDetail): SideRow[] {
  if (isNumeric(detail)) return numericRows(detail);
  switch (detail.kind) {
    case "psi":
      return categoricalRows(detail.sides);
    case "success_rate": {
      const { live, baseline } = detail.statuses;
      const total = (counts: typeof live | null) =>
        counts && Object.values(counts).reduce((sum, n) => sum + n, 0);
      return [
        {
          title: "Success rate",
          live: percent(detail.check.success_rate, 2),
          baseline: percent(detail.baseline_success_rate, 2),
        },
        { title: "With a status", live: count(total(live)), baseline: count(total(baseline)) },
        ...(["2xx", "4xx", "5xx"] as const).map((name) => ({
          title: name,
          live: count(live[name]),
          baseline: count(baseline?.[name]),
        })),
      ];
    }
    case "missing":
    case "type":
      return shapeRows(detail);
    case "schema":
      return [
        {
          title: "Events compared",
          live: count(detail.check.live_n),
          baseline: count(detail.check.baseline_n),
        },
        {
          title: "Values left out",
          live: count(detail.check.live_dropped),
          baseline: count(detail.check.baseline_dropped),
        },
      ];
    case "chisquare":
    case "jensenshannon":
    case "hellinger":
    case "tvd":
      return categoricalRows(detail.sides as PsiDetail["sides"]);
    default:
      return [];
  }
}

function measureLine({ kind, check }: MeasureDetail): string {
  const { value, value_low, value_high, p_value, threshold, expected, distance } = check;
  const room =
    value_low === undefined
      ? ""
      : ` (between ${checkFigure(kind, value_low)} and ${value_high == null ? "any" : checkFigure(kind, value_high)})`;
  const figure = `${KIND_NAME[kind]}: ${VALUE_NAME[kind]} ${checkFigure(kind, value)}${room}`;
  if (isTest(kind))
    return `${figure}, p ${probability(p_value)}. The check fails when p is below ${significant(threshold)}.`;
  const words = `${figure}; the limit is ${checkFigure(kind, threshold)}.`;
  if (distance != null) return `${words} Values moved by ${significant(distance)} on average.`;
  return expected === undefined
    ? words
    : `${words} Without drift it would be about ${statistic(expected)}.`;
}

/** "D 0.13, p 0.012; fails when p is below 0.05." */
export function verdictLine(detail: CheckDetail): string {
  switch (detail.kind) {
    case "ks": {
      const { d, d_error, p_value, p_min } = detail.check;
      const error = d_error ? ` (exact to ${significant(d_error, 2)})` : "";
      return `D ${statistic(d)}${error}, p ${probability(p_value)}. The check fails when p is below ${significant(p_min)}.`;
    }
    case "psi": {
      const { psi, psi_max, expected_psi } = detail.check;
      return `PSI ${statistic(psi)}; the limit is ${significant(psi_max)}. Without drift it would be about ${statistic(expected_psi)}.`;
    }
    case "success_rate":
      return `${VALUE_NAME[detail.kind]} ${checkFigure(detail.kind, detail.check.success_rate)}; the limit is ${limitText(detail.kind, detail.check.min)}.`;
    case "latency_p95":
      return `${VALUE_NAME[detail.kind]} ${checkFigure(detail.kind, detail.check.p95)}; the limit is ${limitText(detail.kind, detail.check.max)}.`;
    case "missing":
    case "type":
      return `p ${probability(detail.check.p_value)}. The check fails when p is below ${significant(detail.check.p_min)} and the shares of an endpoint are ${percent(detail.check.change_min)} apart.`;
    case "schema":
      return `${counted(detail.check.fields, "field")} of ${counted(detail.check.endpoints, "endpoint")} compared; ${counted(detail.check.endpoints_left_out, "endpoint")} left out, new or with too few events. A change counts when p is below ${significant(detail.check.p_min)}.`;
    default:
      return measureLine(detail);
  }
}
