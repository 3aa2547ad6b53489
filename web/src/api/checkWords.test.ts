// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { namedCheck } from "./check";
import { changeOf, judgedBy } from "./checkWords";

const sides = {
  ok: false,
  p_value: 0.012,
  live_n: 700,
  baseline_n: 1200,
  live_missing: 0,
  baseline_missing: 0,
  live_type_mismatches: 0,
  baseline_type_mismatches: 0,
};

it("says of KS by which chance it fails, and how the median moved", () => {
  const check = namedCheck("amount_ks", {
    ...sides,
    d: 0.13,
    p_min: 0.05,
    live_median: 148,
    baseline_median: 101,
  });
  expect(judgedBy(check)).toBe("p 0.012; fails below 0.05");
  expect(changeOf(check)).toEqual({ kind: "median", from: 101, to: 148 });
});

it("names a few new categories and counts the others", () => {
  const check = namedCheck("currency_psi", {
    ...sides,
    psi: 0.4,
    psi_max: 0.2,
    live_counts: {},
    baseline_counts: {},
    expected_psi: 0,
    new_categories: ["a", "b", "c", "d", "e"],
    vanished_categories: ["z"],
  });
  expect(judgedBy(check)).toBe("Limit: at most 0.2");
  expect(changeOf(check)).toEqual({
    kind: "categories",
    what: "New:",
    names: ["a", "b", "c"],
    more: 2,
  });
});

it("says between which bounds a rate lies", () => {
  const check = namedCheck("success_rate", {
    ok: true,
    success_rate: 0.996,
    min: 0.995,
    total: 700,
    interval_95: [0.988, 0.9985],
  });
  expect(judgedBy(check)).toBe("Limit: at least 99.5 %");
  expect(changeOf(check)).toEqual({ kind: "text", text: "95 % interval 98.8 % to 99.85 %" });
});
