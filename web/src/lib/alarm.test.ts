// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  alarmParameters,
  alarmTitle,
  effectText,
  evidenceText,
  gravity,
  ofThreshold,
  returnPeriod,
  toleranceText,
} from "./alarm";

const YEAR = 365.25 * 86_400;
const effect = {
  share: 0.21,
  interval_95: [0.16, 0.27],
  baseline_share: 0.5,
  tolerated: [0.46, 0.54],
};

it("puts the gravest state first; what is calm and what is unknown count alike", () => {
  const states = ["ok", "firing", "insufficient_data", "resolved", "pending", undefined] as const;
  expect(states.map(gravity)).toEqual([0, 3, 0, 1, 2, 0]);
});

it.each([
  ["amount", "numbers", { of: "amount" }],
  ["currency", "categories", { of: "currency" }],
  ["amount_missing", "missing", { of: "amount", what: "missing" }],
  ["a_type_type", "type", { of: "a_type", what: "of another type" }],
  ["latency", "latency", { of: "Latency" }],
  ["a~b", "joint", { of: "a and b", what: "together" }],
  ["success_rate", "failures", { of: "Success rate" }],
  ["latency_p95", "slow", { of: "Latency p95" }],
] as const)("%s, about %s, has a title", (name, subject, title) => {
  expect(alarmTitle(name, subject)).toEqual(title);
});

it("leads to the check that the server names, by whatever measure, or to the alarm itself", () => {
  const to = [
    { name: "amount", check: "amount_wasserstein" },
    { name: "latency", check: null },
    { name: "amount" }, // Of an incident.
  ].map(alarmParameters);
  expect(to).toEqual([{ check: "amount_wasserstein" }, { alarm: "latency" }, { alarm: "amount" }]);
});

describe("a return period", () => {
  it.each([
    [90, "90 seconds"],
    [7200, "2 hours"],
    [1.5 * YEAR, "548 days"],
    [130 * YEAR, "130 years"],
    [2e6 * YEAR, "more than a million years"],
  ])("of %d s is %s", (seconds, text) => {
    expect(returnPeriod(seconds)).toBe(text);
  });
});

describe("evidence", () => {
  it.each([
    [null, "–"],
    [0, "0"],
    [1e-9, "< 0.0001"],
    [0.01234, "0.012"],
    [130.4, "130"],
    [3e6, "10⁶"],
    [3e105, "> 10⁹"],
  ])("of %s of the threshold is written %s", (value, text) => {
    expect(ofThreshold(value)).toBe(text);
  });
});

it("says how sure an alarm is, if there is anything to be sure of", () => {
  const texts = [1e-9, 0.02, 130].map((of_threshold) =>
    evidenceText({ of_threshold, return_period: "130 years" }),
  );
  expect(texts).toEqual([
    "hardly any",
    "0.02 of the threshold; by chance once in 130 years",
    "130 of the threshold; by chance once in 130 years",
  ]);
});

it("says how big a difference is, of a distribution and of a promised level", () => {
  expect(effectText(effect, "numbers")).toBe("21 % (16 % to 27 %) instead of 50 %");
  expect(effectText({ ...effect, tolerated: [0, 0.005] }, "failures")).toBe(
    "21 % (16 % to 27 %) where 0.5 % is tolerated",
  );
});

it("says what is tolerated, and whether that was learnt", () => {
  const learnt = { tolerance: 0.02, tolerance_learnt: true, effect };
  expect(toleranceText("numbers", learnt)).toContain("Here 46 % to 54 % is tolerated: 2 points at");
  expect(toleranceText("numbers", learnt)).toContain("; learnt from");
  expect(toleranceText("numbers", { ...learnt, tolerance_learnt: false })).toContain(
    "; not learnt",
  );
  const promised = { ...learnt, effect: { ...effect, tolerated: [0, 0.005] } };
  expect(toleranceText("missing", promised)).toContain("At most 0.5 % is tolerated; learnt");
  expect(toleranceText("failures", promised)).toBe("At most 0.5 % is tolerated, as promised.");
});
