// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { cellPath, heatLevel } from "./heat";

it.each([
  [0, 0],
  [0.19, 0],
  [0.2, 1],
  [0.999, 4],
  [1, 4],
  [3, 4],
  [null, 0],
])("an OK cell of severity %s is at level %s", (severity, level) => {
  expect(heatLevel("ok", severity)).toBe(level);
});

it.each([
  [1, 5],
  [1.99, 5],
  [2, 6],
  [4, 7],
  [1000, 7],
  [0.999, 5],
  [null, 5],
])("a failing cell of severity %s is at level %s", (severity, level) => {
  expect(heatLevel("fail", severity)).toBe(level);
});

it("gives no colour where there is not enough data", () => {
  expect(heatLevel("insufficient", 9)).toBeUndefined();
});

it("draws each cell as a closed box, centred in its row", () => {
  expect(cellPath([0, 7], 0.5)).toBe("M0 0.25h1v0.5h-1zM7 0.25h1v0.5h-1z");
});
