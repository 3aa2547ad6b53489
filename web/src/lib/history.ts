// SPDX-License-Identifier: Apache-2.0
import { readMinutes } from "./selection";

/** How far back the history of a window reaches: far enough to see it begin. */
const HISTORY: readonly (readonly [window: number, history: number])[] = [
  [5, 60],
  [15, 180],
  [30, 360],
  [60, 720],
  [180, 1440],
  [720, 4320],
  [1440, 10080],
  [10080, 43200],
];
const MINUTES_MAX = 43_200;

export const HISTORIES_MINUTES = [60, 360, 1440, 10080, 43200] as const;

export function historyOf(windowMinutes: number): number {
  return HISTORY.find(([window]) => windowMinutes <= window)?.[1] ?? MINUTES_MAX;
}

export function readHistory(text: string | null): number | undefined {
  return readMinutes(text);
}
