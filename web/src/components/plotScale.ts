// SPDX-License-Identifier: Apache-2.0
import type uPlot from "uplot";
import { powerOfTen } from "@/lib/numbers";

export interface YLook {
  yRange?: [number | null, number | null];
  /** A logarithmic scale over these powers of ten; `yRange` is not asked for then. */
  yDecades?: [number, number];
}

/** Labels of a logarithmic axis at most; between two of them lie as many powers of ten each. */
const DECADE_LABELS_MAX = 6;

/** Where the labels of such an axis stand: at powers of ten. */
export function decadeSplits([least, most]: [number, number]): number[] {
  const step = Math.ceil((most - least) / DECADE_LABELS_MAX);
  const first = Math.ceil(least / step) * step;
  const many = Math.floor((most - first) / step) + 1;
  return Array.from({ length: many }, (_, place) => powerOfTen(first + place * step));
}

export function yScale(look: YLook): uPlot.Scale {
  const { yDecades } = look;
  if (!yDecades) return { range: yRangeOf(look) };
  // Beyond the powers at both ends, so that a line along an edge is seen.
  const range: [number, number] = [powerOfTen(yDecades[0]) / 2, powerOfTen(yDecades[1]) * 2];
  return { distr: 3, log: 10, range };
}

function yRangeOf({ yRange = [0, null] }: YLook): uPlot.Range.Function {
  return (_, low, high) => {
    const [least, most] = yRange;
    const top = most ?? (high > 0 ? high * 1.08 : 1);
    const bottom = least ?? low - (top - low) * 0.08;
    return [bottom, top > bottom ? top : bottom + 1];
  };
}
