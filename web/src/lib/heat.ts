// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from "./verdict";

export const HEAT_LEVELS = 8;
const FIRST_FAILING = 5;
/** Lower bounds of the levels: below the limit in fifths, above it by how far. */
const FAILING_FROM = [1, 2, 4];

/**
 * The colour of a cell, 0 to 7, by its severity; undefined if there was not enough data. A check
 * that does not fail never gets a colour of those that do, whatever the rounding.
 */
export function heatLevel(state: Verdict, severity: number | null | undefined): number | undefined {
  if (state === "insufficient") return undefined;
  const value = severity ?? 0;
  if (state === "ok") return Math.min(FIRST_FAILING - 1, Math.floor(value * FIRST_FAILING));
  const above = FAILING_FROM.filter((bound) => value >= bound).length;
  return Math.min(HEAT_LEVELS - 1, FIRST_FAILING + Math.max(0, above - 1));
}

/** Where a row's cells of one level are, as an SVG path in units of one step by one row. */
export function cellPath(steps: readonly number[], height: number): string {
  const top = (1 - height) / 2;
  return steps.map((step) => `M${step} ${top}h1v${height}h-1z`).join("");
}
