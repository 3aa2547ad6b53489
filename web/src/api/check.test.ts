// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { checksByTrouble, verdictOfReport } from "./check";
import type { Check, KsCheck, PsiCheck, Report } from "./types";

const sides = {
  live_n: 700,
  baseline_n: 1200,
  live_missing: 0,
  baseline_missing: 0,
  live_type_mismatches: 0,
  baseline_type_mismatches: 0,
};
const ks = (ok: boolean, d: number, more: Partial<KsCheck> = {}): KsCheck => ({
  ...sides,
  ok,
  d,
  p_value: 0.01,
  p_min: 0.05,
  live_median: 1,
  baseline_median: 1,
  ...more,
});
const psi = (ok: boolean, value: number): PsiCheck => ({
  ...sides,
  ok,
  psi: value,
  psi_max: 0.2,
  live_counts: {},
  baseline_counts: {},
  p_value: 1,
  expected_psi: 0,
  new_categories: [],
  vanished_categories: [],
});
const slo = {
  success_rate: { ok: true, success_rate: 1, min: 0.995, total: 700, interval_95: [0.99, 1] },
  latency_p95: { ok: true, p95: 900, max: 2000, live_n: 700, interval_95: [880, 950] },
} as const;

function report(checks: Record<string, Check>, change: Partial<Report> = {}): Report {
  const failing = Object.values(checks).some(({ ok }) => !ok);
  return {
    generated_at: "2025-01-01T00:30:00Z",
    window_minutes: 30,
    from: "",
    to: "",
    samples: 700,
    service: "s",
    baseline: { version: 1, created_at: "", samples: 1200, source: "store" },
    checks: { ...slo, ...checks } as unknown as Report["checks"],
    status: failing ? "fail" : "ok",
    ...change,
  };
}

it("puts failing checks first and the worst of them foremost", () => {
  const made = report({
    a_ks: ks(true, 0.01),
    b_psi: psi(false, 0.4),
    c_ks: ks(false, 0.5),
    z_ks: ks(true, 0, { insufficient_samples: true }),
  });
  expect(checksByTrouble(made).map(({ name }) => name)).toEqual([
    "c_ks",
    "b_psi",
    "latency_p95",
    "a_ks",
    "success_rate",
    "z_ks",
  ]);
});

it("puts what alarms before what only fails a single look", () => {
  const alarm = (state: "firing" | "ok") => ({ alarm: { state } }) as Partial<KsCheck>;
  const made = report({
    a_ks: ks(false, 0.9, alarm("ok")),
    z_ks: ks(true, 0.01, alarm("firing")),
  });
  expect(checksByTrouble(made).map(({ name }) => name)[0]).toBe("z_ks");
});

it("tells kinds apart by their own members, not by names", () => {
  const made = report({ odd_psi_ks: ks(true, 0), plain_psi: psi(true, 0) });
  expect(Object.fromEntries(checksByTrouble(made).map(({ name, kind }) => [name, kind]))).toEqual({
    odd_psi_ks: "ks",
    plain_psi: "psi",
    success_rate: "success_rate",
    latency_p95: "latency_p95",
  });
});

it.each([
  ["fail", report({ a_ks: ks(false, 0.5) })],
  ["ok", report({ a_ks: ks(true, 0.01) })],
  ["ok", report({})],
  ["insufficient", report({ a_ks: ks(true, 0, { insufficient_samples: true }) })],
  ["insufficient", report({ a_ks: ks(true, 0) }, { samples: 0 })],
  ["insufficient", report({ a_ks: ks(true, 0) }, { baseline: null })],
])("a report is %s as its checks are", (verdict, made) => {
  expect(verdictOfReport(made)).toBe(verdict);
});

it("leaves out kinds of checks that only a newer server knows", () => {
  const odd = { ok: false, novelty: 3 } as unknown as Check;
  const made = report({ a_ks: ks(true, 0.01), b_novelty: odd });
  expect(checksByTrouble(made).map(({ name }) => name)).toEqual([
    "latency_p95",
    "a_ks",
    "success_rate",
  ]);
});

it("judges a report by other measures too", () => {
  const wasserstein = { ...sides, ok: true, measure: "wasserstein", value: 0.01, threshold: 0.1 };
  const made = report({ a_wasserstein: wasserstein as Check });
  expect(verdictOfReport(made)).toBe("ok");
  expect(checksByTrouble(made)[1]?.kind).toBe("wasserstein");
});
