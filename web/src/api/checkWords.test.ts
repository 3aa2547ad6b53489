// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { namedCheck as named, type NamedCheck } from "./check";
import { changeOf, judgedBy, valueOf } from "./checkWords";
import type { Check } from "./types";

function namedCheck(name: string, check: Check): NamedCheck {
  const known = named(name, check);
  if (!known) throw new Error(`${name} is of no known kind`);
  return known;
}

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

const measure = { ...sides, threshold: 0.1, value: 0.42 };

it("says of a distance its limit, with its unit", () => {
  const check = namedCheck("amount_wasserstein", {
    ...measure,
    measure: "wasserstein",
    distance: 12,
    scale: 30,
    live_median: 148,
    baseline_median: 101,
  });
  expect(valueOf(check)).toBe(0.42);
  expect(judgedBy(check)).toBe("Limit: at most 0.1 sd");
  expect(changeOf(check)).toEqual({ kind: "median", from: 101, to: 148 });
});

it("says of a test its chance, and of a muted check that it is", () => {
  const check = namedCheck("currency_chisquare", {
    ...measure,
    ok: true,
    muted: true,
    would_fail: true,
    measure: "chisquare",
    new_categories: ["GBP"],
    vanished_categories: [],
  });
  expect(judgedBy(check)).toBe("p 0.012; fails below 0.1. Muted: it would fail");
  expect(changeOf(check)).toEqual({ kind: "categories", what: "New:", names: ["GBP"], more: 0 });
});

const change = {
  change: "vanished" as const,
  endpoint: "POST /pay",
  field: "card",
  pointer: "/request/body/card",
  text: "card vanished at POST /pay, was in 100 % of events",
  live: 0,
  baseline: 1,
  live_count: 0,
  live_n: 700,
  baseline_count: 1200,
  baseline_n: 1200,
  p_value: 0,
};

it("tells the first changes of the schema, and counts the others", () => {
  const check = namedCheck("schema", {
    ok: false,
    change_count: 5,
    p_min: 0.001,
    live_n: 700,
    baseline_n: 1200,
    fields: 9,
    endpoints: 1,
    endpoints_left_out: 0,
    live_dropped: 0,
    baseline_dropped: 0,
    changes: [change, { ...change, text: "b" }, { ...change, text: "c" }, { ...change, text: "d" }],
    changes_omitted: 1,
  });
  expect(check.kind).toBe("schema");
  expect(valueOf(check)).toBe(5);
  expect(changeOf(check)).toEqual({ kind: "told", texts: [change.text, "b", "c"], more: 2 });
});

it("says of a missing feature how much is missing on either side", () => {
  const check = namedCheck("amount_missing", {
    ok: false,
    quality: "missing",
    share: 0.25,
    baseline_share: 0.01,
    p_value: 1e-9,
    p_min: 0.001,
    change_min: 0.02,
    live_count: 175,
    live_n: 700,
    baseline_count: 12,
    baseline_n: 1200,
    changes: [],
  });
  expect(check.kind).toBe("missing");
  expect(valueOf(check)).toBe(0.25);
  expect(judgedBy(check)).toContain("fails below 0.001");
  expect(changeOf(check)).toEqual({ kind: "text", text: "1 % in the baseline, 25 % live" });
});
