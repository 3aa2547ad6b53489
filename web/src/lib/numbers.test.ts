// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { counted, milliseconds, percent, probability, significant, statistic } from "./numbers";

describe("significant", () => {
  it.each([
    [0, "0"],
    [0.13, "0.13"],
    [0.12345, "0.123"],
    [148.26, "148"],
    [12345.6, "12,346"],
    [0.00001234, "1.2e-5"],
    [4.2e12, "4.2e+12"],
    [-3.14159, "-3.14"],
    [null, "–"],
  ])("%s is written %s", (value, text) => {
    expect(significant(value)).toBe(text);
  });
});

describe("percent", () => {
  it.each([
    [1, "100 %"],
    [0, "0 %"],
    [0.996, "99.6 %"],
    [0.99999, "> 99.9 %"],
    [0.00001, "< 0.1 %"],
    [0.13, "13 %"],
    [undefined, "–"],
  ])("%s is written %s", (value, text) => {
    expect(percent(value)).toBe(text);
  });
});

describe("milliseconds", () => {
  it.each([
    [850, "850 ms"],
    [1309, "1.31 s"],
    [120_000, "2 min"],
    [0.42, "0.42 ms"],
  ])("%s is written %s", (value, text) => {
    expect(milliseconds(value)).toBe(text);
  });
});

describe("probability", () => {
  it("keeps two digits and stops where they mean nothing", () => {
    expect([probability(0.0123), probability(3e-17)]).toEqual(["0.012", "< 0.0001"]);
  });
});

describe("counted", () => {
  it("knows one from many", () => {
    expect([counted(1, "event"), counted(1200, "event"), counted(2, "class", "classes")]).toEqual([
      "1 event",
      "1,200 events",
      "2 classes",
    ]);
  });
});

describe("statistic", () => {
  it.each([
    [0, "0"],
    [0.0000062, "< 0.001"],
    [0.07492, "0.075"],
    [0.31, "0.31"],
    [null, "–"],
  ])("%s is written %s", (value, text) => {
    expect(statistic(value)).toBe(text);
  });
});
