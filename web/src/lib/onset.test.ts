// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { onset } from "./onset";

const states = (text: string) =>
  [...text].map((letter) => (letter === "F" ? "fail" : letter === "o" ? "ok" : "insufficient"));

it.each([
  ["oooFFF", 3],
  ["ooFoFF", 4],
  ["oooFF-", 3],
  ["ooF-FF", 2],
  ["FFFF", 0],
  ["FFFo", undefined],
  ["----", undefined],
  ["", undefined],
])("%s began in step %s", (text, step) => {
  expect(onset(states(text))).toBe(step);
});
