// SPDX-License-Identifier: Apache-2.0
import type { NamedCheck } from "./check";
import type { KsCheck, MeasureCheck, PsiCheck, SchemaCheck } from "./types";
import { milliseconds, percent, probability, significant } from "@/lib/numbers";
import type { Change } from "@/lib/change";
import { isTest, limitText } from "@/lib/verdict";

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
    case "missing":
    case "type":
      return check.share;
    case "schema":
      return check.change_count;
    default:
      return check.value;
  }
}

/** By what the verdict was reached: the value's limit, or of a test its chance. */
export function judgedBy(named: NamedCheck): string {
  const { check } = named;
  const muted = "muted" in check && check.muted;
  const remark = muted ? `. Muted${check.would_fail ? ": it would fail" : ""}` : "";
  return ruleOf(named) + remark;
}

function ruleOf({ kind, check }: NamedCheck): string {
  switch (kind) {
    case "ks":
      return chanceText(check.p_value, check.p_min);
    case "psi":
      return `Limit: ${limitText(kind, check.psi_max)}`;
    case "success_rate":
      return `Limit: ${limitText(kind, check.min)}`;
    case "latency_p95":
      return `Limit: ${limitText(kind, check.max)}`;
    case "missing":
    case "type":
      return chanceText(check.p_value, check.p_min);
    case "schema":
      return `A change counts below p ${significant(check.p_min)}`;
    default:
      return isTest(kind)
        ? chanceText(check.p_value, check.threshold)
        : `Limit: ${limitText(kind, check.threshold)}`;
  }
}

function chanceText(p: number | null | undefined, least: number): string {
  return `p ${probability(p)}; fails below ${significant(least)}`;
}

function categories(what: "New:" | "Vanished:", names: readonly string[]): Change {
  return {
    kind: "categories",
    what,
    names: names.slice(0, NAMES_SHOWN),
    more: Math.max(0, names.length - NAMES_SHOWN),
  };
}

function medianChange(check: KsCheck | MeasureCheck): Change {
  return check.baseline_median != null && check.live_median != null
    ? { kind: "median", from: check.baseline_median, to: check.live_median }
    : { kind: "none" };
}

function categoryChange(check: PsiCheck | MeasureCheck): Change {
  const { new_categories = [], vanished_categories = [] } = check;
  if (new_categories.length) return categories("New:", new_categories);
  if (vanished_categories.length) return categories("Vanished:", vanished_categories);
  return { kind: "none" };
}

function toldChanges({ changes, change_count }: SchemaCheck): Change {
  if (changes.length === 0) return { kind: "none" };
  const texts = changes.slice(0, NAMES_SHOWN).map(({ text }) => text);
  return { kind: "told", texts, more: change_count - texts.length };
}

/** What differs from the baseline, in a few words. */
export function changeOf({ kind, check }: NamedCheck): Change {
  switch (kind) {
    case "ks":
      return medianChange(check);
    case "psi":
      return categoryChange(check);
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
    case "missing":
    case "type":
      return check.baseline_share == null || check.share == null
        ? { kind: "none" }
        : {
            kind: "text",
            text: `${percent(check.baseline_share, 2)} in the baseline, ${percent(check.share, 2)} live`,
          };
    case "schema":
      return toldChanges(check);
    default:
      return "live_median" in check ? medianChange(check) : categoryChange(check);
  }
}
