// SPDX-License-Identifier: Apache-2.0
import type { CheckDetail, KsDetail, LatencyDetail, MeasureDetail } from "@/api/types";
import { milliseconds, significant, type Missing } from "@/lib/numbers";

/** Another measure of a numeric feature: it has the members of KS. */
export type NumericMeasure = MeasureDetail & Omit<KsDetail, "kind" | "check">;

export type Numeric = KsDetail | LatencyDetail | NumericMeasure;

export function isNumeric(detail: CheckDetail): detail is Numeric {
  return "ecdf" in detail && detail.ecdf !== undefined;
}

/** How values of the feature are written. */
export function unitOf(detail: Numeric): (value: number | Missing) => string {
  return detail.kind === "latency_p95" ? milliseconds : significant;
}

/** The stretch of values both charts show: the histogram's, which leaves far outliers out. */
export function xRangeOf(detail: Numeric): [number, number] | undefined {
  const edges = detail.histogram?.edges;
  const [low, high] = [edges?.[0], edges?.[edges.length - 1]];
  if (low === undefined || high === undefined || !(high > low)) return undefined;
  const wanted = detail.kind === "latency_p95" ? detail.check.max : detail.gap?.x;
  const near = wanted !== undefined && wanted < high + (high - low);
  return [Math.min(low, near ? wanted : low), Math.max(high, near ? wanted * 1.02 : high)];
}
