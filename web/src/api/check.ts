// SPDX-License-Identifier: Apache-2.0
// A report's checks, told apart: the server names the kind by the one member that only it has.
import { gravity } from "@/lib/alarm";
import { comparesFeature, isTest, type MeasureKind, type Verdict } from "@/lib/verdict";
import type {
  Check,
  KsCheck,
  LatencyCheck,
  MeasureCheck,
  PsiCheck,
  QualityCheck,
  Report,
  SchemaCheck,
  SuccessRateCheck,
} from "./types";

export type NamedCheck = { name: string; state: Verdict } & (
  | { kind: "ks"; check: KsCheck }
  | { kind: "psi"; check: PsiCheck }
  | { kind: "success_rate"; check: SuccessRateCheck }
  | { kind: "latency_p95"; check: LatencyCheck }
  | { kind: MeasureKind; check: MeasureCheck }
  | { kind: "missing" | "type"; check: QualityCheck }
  | { kind: "schema"; check: SchemaCheck }
);

export function verdictOf(check: Check): Verdict {
  if (!check.ok) return "fail";
  const lacking =
    check.insufficient_samples || ("insufficient_baseline" in check && check.insufficient_baseline);
  return lacking ? "insufficient" : "ok";
}

/** Nothing for a kind of check that only a newer server knows. */
export function namedCheck(name: string, check: Check): NamedCheck | undefined {
  const state = verdictOf(check);
  if ("d" in check) return { name, state, kind: "ks", check };
  if ("psi" in check) return { name, state, kind: "psi", check };
  if ("success_rate" in check) return { name, state, kind: "success_rate", check };
  if ("measure" in check) return { name, state, kind: check.measure, check };
  if ("quality" in check) return { name, state, kind: check.quality, check };
  if ("change_count" in check) return { name, state, kind: "schema", check };
  if ("p95" in check) return { name, state, kind: "latency_p95", check };
  return undefined;
}

/** How far a check is on its way to failing: only to put the worst first. */
function urgency({ state, kind, check }: NamedCheck): number {
  const base = { fail: 2e6, ok: 1e6, insufficient: 0 }[state];
  switch (kind) {
    case "ks":
      return base + (check.d ?? 0) * 10;
    case "psi":
      return base + (check.psi ?? 0) / check.psi_max;
    case "success_rate":
      return base + (1 - (check.success_rate ?? 1)) / Math.max(1e-9, 1 - check.min);
    case "latency_p95":
      return base + (check.p95 ?? 0) / check.max;
    case "missing":
    case "type":
      return base + Math.abs((check.share ?? 0) - (check.baseline_share ?? 0));
    case "schema":
      return base + check.change_count;
    default:
      return base + Math.min(beyond(check), 1000);
  }
}

/** How many times the threshold, either way. */
function beyond({ measure, threshold, value, p_value }: MeasureCheck): number {
  return isTest(measure)
    ? threshold / Math.max(p_value ?? 1, 1e-9)
    : (value ?? 0) / Math.max(threshold, 1e-9);
}

function namedChecks(report: Report): NamedCheck[] {
  return Object.entries(report.checks)
    .map(([name, check]) => namedCheck(name, check as Check))
    .filter((named) => named !== undefined);
}

/** By alarm; among equals failing checks first, the worst of them first; then by name. */
export function checksByTrouble(report: Report): NamedCheck[] {
  return namedChecks(report).sort(
    (a, b) =>
      gravity(b.check.alarm?.state) - gravity(a.check.alarm?.state) ||
      urgency(b) - urgency(a) ||
      a.name.localeCompare(b.name),
  );
}

/** As the server's overview says it: nothing to compare is neither good nor bad. */
export function verdictOfReport(report: Report): Verdict {
  if (report.status === "fail") return "fail";
  const compared = namedChecks(report).filter(({ kind }) => comparesFeature(kind));
  const judged = compared.length === 0 || compared.some(({ state }) => state === "ok");
  return report.samples > 0 && report.baseline && judged ? "ok" : "insufficient";
}
