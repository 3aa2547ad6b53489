// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { alarmOfCheck, alarmsApart } from "./alarm";
import type { NamedAlarm } from "./types";

function alarm(name: string, subject: NamedAlarm["subject"], of_threshold = 0): NamedAlarm {
  return {
    name,
    subject,
    pointer: null,
    check: null,
    state: of_threshold >= 1 ? "firing" : "ok",
    since: "2025-01-01T00:00:00Z",
    started: null,
    evidence: { return_period_seconds: 1, return_period: "1.0 seconds", of_threshold },
    effect: null,
    tolerance: 0.02,
    tolerance_learnt: true,
    reason: "",
  };
}

const all = [
  alarm("amount", "numbers"),
  alarm("amount_missing", "missing"),
  alarm("amount_type", "type", 3),
  alarm("amount_net", "numbers"),
  alarm("latency", "latency"),
  alarm("latency_p95", "slow"),
];

it.each([
  ["amount_ks", "amount"],
  ["amount_net_ks", "amount_net"],
  ["latency_p95", "latency_p95"],
  ["currency_psi", undefined],
])("beside %s stands the alarm %s", (check, name) => {
  expect(alarmOfCheck(check, all)?.name).toBe(name);
});

it("those without a check are left, the gravest first", () => {
  const checks = ["amount_ks", "amount_net_ks", "latency_p95", "success_rate"];
  expect(alarmsApart(checks, all).map(({ name }) => name)).toEqual([
    "amount_type",
    "amount_missing",
    "latency",
  ]);
});
