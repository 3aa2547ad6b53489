// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { MINUTE } from "@/lib/time";
import { eventsIn, problemOf, wholeMinutes } from "./range";

const now = 100 * MINUTE;

it.each([
  [{}, "Choose when it begins and when it ends."],
  [{ from: 10 * MINUTE, to: 10 * MINUTE }, "It must end after it begins."],
  [{ from: now + MINUTE, to: now + 2 * MINUTE }, "It begins in the future."],
  [{ from: 10 * MINUTE, to: now + MINUTE }, undefined],
])("of %o it says: %s", (range, problem) => {
  expect(problemOf(range, now)).toBe(problem);
});

it("takes the whole minutes around what was drawn", () => {
  expect(wholeMinutes(10.4 * MINUTE, 12.1 * MINUTE)).toEqual({
    from: 10 * MINUTE,
    to: 13 * MINUTE,
  });
});

it("counts the part of a step that lies in the range", () => {
  expect(eventsIn({ from: 5 * MINUTE, to: 20 * MINUTE }, 0, 10 * MINUTE, [100, 50, 7])).toBe(100);
});
