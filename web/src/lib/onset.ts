// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from "./verdict";

/**
 * The step in which the failing that lasts until now began; undefined if the check does not fail
 * now. Steps without enough data neither end nor begin it.
 */
export function onset(states: readonly Verdict[]): number | undefined {
  let began: number | undefined;
  for (let step = states.length - 1; step >= 0; step--) {
    if (states[step] === "ok") break;
    if (states[step] === "fail") began = step;
  }
  return began;
}
