// SPDX-License-Identifier: Apache-2.0
import { milliseconds, percent, significant, statistic, type Missing } from "./numbers";

// What a check or a service is, in words: never by colour alone.

export type Verdict = "ok" | "fail" | "insufficient";

export const VERDICT_WORD: Record<Verdict, string> = {
  ok: "OK",
  fail: "Fail",
  insufficient: "Not enough data",
};

/** What a feature may be compared by, beside KS and PSI. */
export type MeasureKind =
  "chisquare" | "jensenshannon" | "wasserstein" | "hellinger" | "tvd" | "cramer_von_mises";

export type CheckKind = "ks" | "psi" | "success_rate" | "latency_p95" | MeasureKind;

export const KIND_NAME: Record<CheckKind, string> = {
  ks: "Kolmogorov-Smirnov",
  psi: "Population stability",
  success_rate: "Success rate",
  latency_p95: "Latency p95",
  chisquare: "Chi-square",
  jensenshannon: "Jensen-Shannon",
  wasserstein: "Wasserstein",
  hellinger: "Hellinger",
  tvd: "Total variation",
  cramer_von_mises: "Cramér-von Mises",
};

/** What the value of a check is called. */
export const VALUE_NAME: Record<CheckKind, string> = {
  ks: "D",
  psi: "PSI",
  success_rate: "Success rate",
  latency_p95: "p95",
  chisquare: "χ²",
  jensenshannon: "JS",
  wasserstein: "W",
  hellinger: "H",
  tvd: "TVD",
  cramer_von_mises: "T",
};

/** Whether a check watches the service level: its title says what its value is. */
export function ofServiceLevel(kind: CheckKind): boolean {
  return kind === "success_rate" || kind === "latency_p95";
}

/** Whether a check compares the distribution of a feature. */
export function comparesFeature(kind: CheckKind): boolean {
  return kind === "ks" || kind === "psi" || isMeasure(kind);
}

export function isMeasure(kind: CheckKind): kind is MeasureKind {
  return !["ks", "psi", "success_rate", "latency_p95"].includes(kind) && kind in KIND_NAME;
}

/** A test is judged by its chance, a distance by its size. */
export function isTest(kind: CheckKind): boolean {
  return kind === "ks" || kind === "chisquare" || kind === "cramer_von_mises";
}

/** A check's name for a person: "amount", "Success rate". */
export function checkTitle(name: string, kind: CheckKind): string {
  if (ofServiceLevel(kind)) return KIND_NAME[kind];
  const ending = `_${kind}`;
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

/** A check's value or limit, with the unit of its kind. */
export function checkFigure(kind: CheckKind, value: number | Missing): string {
  switch (kind) {
    case "success_rate":
      return percent(value, 2);
    case "latency_p95":
      return milliseconds(value);
    case "wasserstein":
      return value == null ? statistic(value) : `${statistic(value)} sd`;
    case "chisquare":
      return significant(value);
    case "ks":
    case "psi":
    case "jensenshannon":
    case "hellinger":
    case "tvd":
    case "cramer_von_mises":
      break;
  }
  // A newer server's kinds too.
  return statistic(value);
}

/** "at most 2 s", "at least 99.5 %": what the check asks for. */
export function limitText(kind: CheckKind, limit: number | Missing): string {
  if (limit == null) return "no limit yet";
  return `${kind === "success_rate" ? "at least" : isTest(kind) ? "below" : "at most"} ${checkFigure(kind, limit)}`;
}
