// SPDX-License-Identifier: Apache-2.0
import { MINUTE } from "@/lib/time";

export interface Range {
  from: number;
  to: number;
}

/** A range a baseline can be built from, to whole minutes; why not, if it cannot. */
export function problemOf(range: Partial<Range>, now: number): string | undefined {
  const { from, to } = range;
  if (from === undefined || to === undefined) return "Choose when it begins and when it ends.";
  if (to <= from) return "It must end after it begins.";
  if (from > now) return "It begins in the future.";
  return undefined;
}

/** A drawn stretch, widened to the whole minutes around it. */
export function wholeMinutes(fromMs: number, toMs: number): Range {
  return { from: Math.floor(fromMs / MINUTE) * MINUTE, to: Math.ceil(toMs / MINUTE) * MINUTE };
}

/** Events of the steps that lie in the range, and of those it only touches: about how many. */
export function eventsIn(
  range: Range,
  begin: number,
  stepMs: number,
  samples: readonly number[],
): number {
  return samples.reduce((sum, n, step) => {
    const at = begin + step * stepMs;
    const overlap = Math.min(range.to, at + stepMs) - Math.max(range.from, at);
    return sum + (overlap > 0 ? n * (overlap / stepMs) : 0);
  }, 0);
}
