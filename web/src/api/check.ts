// SPDX-License-Identifier: Apache-2.0
// A report's checks, told apart: the server names the kind by the one member that only it has.
import type { Verdict } from "@/lib/verdict";
import type { Check, KsCheck, LatencyCheck, PsiCheck, Report, SuccessRateCheck } from "./types";

export type NamedCheck = { name: string; state: Verdict } & (
  | { kind: "ks"; check: KsCheck }
  | { kind: "psi"; check: PsiCheck }
  | { kind: "success_rate"; check: SuccessRateCheck }
  | { kind: "latency_p95"; check: LatencyCheck }
);

export function verdictOf(check: Check): Verdict {
  if (!check.ok) return "fail";
  const lacking =
    check.insufficient_samples || ("insufficient_baseline" in check && check.insufficient_baseline);
  return lacking ? "insufficient" : "ok";
}

export function namedCheck(name: string, check: Check): NamedCheck {
  const state = verdictOf(check);
  if ("d" in check) return { name, state, kind: "ks", check };
  if ("psi" in check) return { name, state, kind: "psi", check };
  if ("success_rate" in check) return { name, state, kind: "success_rate", check };
  return { name, state, kind: "latency_p95", check };
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
  }
}

/** Failing checks first, the worst of them first; then by name. */
export function checksByTrouble(report: Report): NamedCheck[] {
  const checks = Object.entries(report.checks).map(([name, check]) =>
    namedCheck(name, check as Check),
  );
  return checks.sort((a, b) => urgency(b) - urgency(a) || a.name.localeCompare(b.name));
}

/** As the server's overview says it: nothing to compare is neither good nor bad. */
export function verdictOfReport(report: Report): Verdict {
  if (report.status === "fail") return "fail";
  const compared = Object.entries(report.checks)
    .map(([name, check]) => namedCheck(name, check as Check))
    .filter(({ kind }) => kind === "ks" || kind === "psi");
  const judged = compared.length === 0 || compared.some(({ state }) => state === "ok");
  return report.samples > 0 && report.baseline && judged ? "ok" : "insufficient";
}
