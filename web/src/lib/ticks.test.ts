// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { timeTicks } from "./ticks";
import { HOUR, MINUTE } from "./time";

const noon = new Date(2025, 0, 5, 12, 0).getTime();

it("stand at round times of the reader's day", () => {
  const ticks = timeTicks(noon - 6 * HOUR + 7 * MINUTE, noon, 7);
  expect(ticks.map((at) => new Date(at).getHours())).toEqual([7, 8, 9, 10, 11, 12]);
});

it.each([1, 3, 6, 12])("are never more than %d", (most) => {
  expect(timeTicks(noon - 77 * HOUR, noon, most).length).toBeLessThanOrEqual(most);
});
