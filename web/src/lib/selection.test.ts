// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { link, readSelection, windowName } from "./selection";

const odd = {
  service: "a/b & c?",
  endpoint: "POST /v2/payments#x",
  host: "שרת-1 <b>",
  windowMinutes: 30,
  at: "2025-01-01T00:30:00.000Z",
};

it("gives back what a link was made from, whatever the names are", () => {
  const address = link("/service", odd);
  expect(readSelection(new URLSearchParams(address.split("?")[1]))).toEqual(odd);
});

it("leaves out what is not chosen", () => {
  expect(link("/check", { service: "s", endpoint: undefined }, { check: "amount_ks" })).toBe(
    "/check?service=s&check=amount_ks",
  );
});

it.each(["0", "43201", "1.5", "soon", ""])("takes no window of %s minutes", (text) => {
  expect(
    readSelection(new URLSearchParams({ window_minutes: text })).windowMinutes,
  ).toBeUndefined();
});

it("takes no moment that is none", () => {
  expect(readSelection(new URLSearchParams({ at: "tea time" })).at).toBeUndefined();
});

it("names windows in their largest unit", () => {
  expect([5, 45, 60, 90, 180, 1440, 10080].map(windowName)).toEqual([
    "5 min",
    "45 min",
    "1 h",
    "90 min",
    "3 h",
    "1 d",
    "7 d",
  ]);
});
