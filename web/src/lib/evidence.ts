// SPDX-License-Identifier: Apache-2.0
// Evidence of an alarm for a chart: it grows by powers of ten, and may be nothing at all.
import { powerOfTen } from "./numbers";

/** Below this nothing is told apart: a hundredth of what makes an alarm pending. */
const LEAST_DECADE = -4;
/** Above this nobody asks how sure it is. */
const MOST_DECADE = 9;
/** The threshold itself, with room above it. */
const TOP_DECADE = 1;

/** The powers of ten that a chart of these values spans: the threshold always lies within. */
export function decadesOf(values: readonly (number | null)[]): [number, number] {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const top = most > 0 ? Math.ceil(Math.log10(most) + 0.1) : TOP_DECADE;
  return [LEAST_DECADE, Math.min(MOST_DECADE, Math.max(TOP_DECADE, top))];
}

/** Values held within those powers, as a logarithm knows no zero. */
export function within(
  values: readonly (number | null)[],
  [least, most]: [number, number],
): (number | null)[] {
  return values.map((value) =>
    value == null ? null : Math.min(powerOfTen(most), Math.max(powerOfTen(least), value)),
  );
}
