// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { decadesOf, within } from "./evidence";

it.each([
  [
    [null, 0, 1e-7],
    [-4, 1],
  ],
  [[0.5], [-4, 1]],
  [[130], [-4, 3]],
  [[1e300], [-4, 9]],
  [[], [-4, 1]],
] as const)("a chart of %j spans the powers %j", (values, decades) => {
  expect(decadesOf(values)).toEqual(decades);
});

it("what is beyond the chart lies on its edge, and what was not evaluated is not there", () => {
  expect(within([0, null, 0.01, 1e300], [-4, 9])).toEqual([1e-4, null, 0.01, 1e9]);
});
