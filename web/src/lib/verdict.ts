// SPDX-License-Identifier: Apache-2.0
import { count, milliseconds, percent, significant, statistic, type Missing } from "./numbers";

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

/** What the shape of events is watched for. */
export type ShapeKind = "missing" | "type" | "schema";

export type CheckKind = "ks" | "psi" | "success_rate" | "latency_p95" | MeasureKind | ShapeKind;

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
  missing: "Missing events",
  type: "Values of another type",
  schema: "Shape of events",
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
  missing: "Missing",
  type: "Other type",
  schema: "Changes",
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
  const others = ["ks", "psi", "success_rate", "latency_p95"];
  return !others.includes(kind) && !ofShape(kind) && kind in KIND_NAME;
}

/** Whether a check watches which fields there are, and of which type. */
export function ofShape(kind: CheckKind): kind is ShapeKind {
  return kind === "missing" || kind === "type" || kind === "schema";
}

/** A test is judged by its chance, a distance by its size. */
export function isTest(kind: CheckKind): boolean {
  return kind === "ks" || kind === "chisquare" || kind === "cramer_von_mises";
}

/** A check's name for a person: "amount", "Success rate". */
export function checkTitle(name: string, kind: CheckKind): string {
  if (ofServiceLevel(kind) || kind === "schema") return KIND_NAME[kind];
  if (kind === "missing" || kind === "type") {
    const feature = name.slice(0, -kind.length - 1);
    return kind === "missing" ? `${feature} missing` : `${feature} of another type`;
  }
  const ending = `_${kind}`;
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

/** A check's value or limit, with the unit of its kind. */
export function checkFigure(kind: CheckKind, value: number | Missing): string {
  if (ofShape(kind)) return kind === "schema" ? count(value) : percent(value, 2);
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
  if (limit == null) return ofShape(kind) ? "judged by its chance" : "no limit yet";
  return `${kind === "success_rate" ? "at least" : isTest(kind) ? "below" : "at most"} ${checkFigure(kind, limit)}`;
}
