// SPDX-License-Identifier: Apache-2.0
import type { NamedCheck } from "./check";
import { milliseconds, percent, probability, significant } from "@/lib/numbers";
import type { Change } from "@/lib/change";
import { limitText } from "@/lib/verdict";

const NAMES_SHOWN = 3;

export function valueOf({ kind, check }: NamedCheck): number | null {
  switch (kind) {
    case "ks":
      return check.d;
    case "psi":
      return check.psi;
    case "success_rate":
      return check.success_rate;
    case "latency_p95":
      return check.p95;
  }
}

/** By what the verdict was reached: the value's limit, or for KS its chance. */
export function judgedBy({ kind, check }: NamedCheck): string {
  switch (kind) {
    case "ks":
      return `p ${probability(check.p_value)}; fails below ${significant(check.p_min)}`;
    case "psi":
      return `Limit: ${limitText(kind, check.psi_max)}`;
    case "success_rate":
      return `Limit: ${limitText(kind, check.min)}`;
    case "latency_p95":
      return `Limit: ${limitText(kind, check.max)}`;
  }
}

function categories(what: "New:" | "Vanished:", names: readonly string[]): Change {
  return {
    kind: "categories",
    what,
    names: names.slice(0, NAMES_SHOWN),
    more: Math.max(0, names.length - NAMES_SHOWN),
  };
}

/** What differs from the baseline, in a few words. */
export function changeOf({ kind, check }: NamedCheck): Change {
  switch (kind) {
    case "ks":
      return check.baseline_median != null && check.live_median != null
        ? { kind: "median", from: check.baseline_median, to: check.live_median }
        : { kind: "none" };
    case "psi":
      if (check.new_categories.length) return categories("New:", check.new_categories);
      if (check.vanished_categories.length)
        return categories("Vanished:", check.vanished_categories);
      return { kind: "none" };
    case "success_rate":
      return check.total
        ? {
            kind: "text",
            text: `95 % interval ${percent(check.interval_95[0], 2)} to ${percent(check.interval_95[1], 2)}`,
          }
        : { kind: "none" };
    case "latency_p95":
      return check.live_n
        ? {
            kind: "text",
            text: `95 % interval ${milliseconds(check.interval_95[0])} to ${milliseconds(check.interval_95[1])}`,
          }
        : { kind: "none" };
  }
}
