// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { policyText } from "./guard";

it.each([
  [
    "marked",
    "open",
    /every alarm, while no feature is marked so\. .*60 s requests are let through/,
  ],
  ["critical", "closed", /^Alarms of critical features alone block\. .* are blocked\.$/],
  ["all", "open", /^Every alarm blocks\./],
  ["none", "closed", /^No alarm blocks\.$/],
  [["amount", "currency_psi"], "open", /^These alarms block: amount, currency_psi\. /],
] as const)("a policy that blocks %s and fails %s is said in words", (block, fail, text) => {
  expect(policyText({ block, fail, stale_seconds: 60 })).toMatch(text);
});
