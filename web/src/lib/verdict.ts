// SPDX-License-Identifier: Apache-2.0
import { milliseconds, percent, statistic, type Missing } from "./numbers";

// What a check or a service is, in words: never by colour alone.

export type Verdict = "ok" | "fail" | "insufficient";

export const VERDICT_WORD: Record<Verdict, string> = {
  ok: "OK",
  fail: "Fail",
  insufficient: "Not enough data",
};

export type CheckKind = "ks" | "psi" | "success_rate" | "latency_p95";

export const KIND_NAME: Record<CheckKind, string> = {
  ks: "Kolmogorov-Smirnov",
  psi: "Population stability",
  success_rate: "Success rate",
  latency_p95: "Latency p95",
};

/** What the value of a check is called. */
export const VALUE_NAME: Record<CheckKind, string> = {
  ks: "D",
  psi: "PSI",
  success_rate: "Success rate",
  latency_p95: "p95",
};

/** A check's name for a person: "amount", "Success rate". */
export function checkTitle(name: string, kind: CheckKind): string {
  if (kind === "success_rate" || kind === "latency_p95") return KIND_NAME[kind];
  return name.replace(/_(ks|psi)$/, "");
}

/** A check's value or limit, with the unit of its kind. */
export function checkFigure(kind: CheckKind, value: number | Missing): string {
  switch (kind) {
    case "ks":
    case "psi":
      return statistic(value);
    case "success_rate":
      return percent(value, 2);
    case "latency_p95":
      return milliseconds(value);
  }
}

/** "at most 2 s", "at least 99.5 %": what the check asks for. */
export function limitText(kind: CheckKind, limit: number | Missing): string {
  if (limit == null) return "no limit yet";
  return `${kind === "success_rate" ? "at least" : kind === "ks" ? "below" : "at most"} ${checkFigure(kind, limit)}`;
}
