// SPDX-License-Identifier: Apache-2.0
// How numbers are written, everywhere on the page. What is not there is a dash.

export type Missing = null | undefined;

export const DASH = "–";

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

/** 12,345 */
export function count(value: number | Missing): string {
  return value == null ? DASH : whole.format(value);
}

/** 12.3K, for places where the exact count does not matter. */
export function shortCount(value: number | Missing): string {
  return value == null ? DASH : compact.format(value);
}

/** "1 event", "12,345 events" */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** About `digits` significant digits, without an exponent where a person would not write one. */
export function significant(value: number | Missing, digits = 3): string {
  if (value == null) return DASH;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4))
    return value.toExponential(Math.max(0, digits - 2));
  if (size >= 10 ** digits) return whole.format(value);
  return String(Number(value.toPrecision(digits)));
}

/** 99.63 %; never 100 % or 0 % of a share that is not. */
export function percent(share: number | Missing, digits = 1): string {
  if (share == null) return DASH;
  const limit = 10 ** -digits;
  const value = share * 100;
  if (value > 0 && value < limit) return `< ${limit} %`;
  if (value < 100 && value > 100 - limit) return `> ${100 - limit} %`;
  return `${Number(value.toFixed(digits))} %`;
}

/** 850 ms, 1.31 s, 2 min: durations of calls. */
export function milliseconds(value: number | Missing): string {
  if (value == null) return DASH;
  if (value < 1000) return `${significant(value)} ms`;
  if (value < 60_000) return `${significant(value / 1000)} s`;
  return `${significant(value / 60_000)} min`;
}

/** D and PSI: three decimals, which is what anybody compares. */
export function statistic(value: number | Missing): string {
  if (value == null) return DASH;
  return value > 0 && value < 0.001 ? "< 0.001" : String(Number(value.toFixed(3)));
}

/** p-values: 0.012, and "< 0.0001" below what a reader can use. */
export function probability(value: number | Missing): string {
  if (value == null) return DASH;
  return value < 1e-4 ? "< 0.0001" : significant(value, 2);
}

/** Exactly 10 to the power of `exponent`; `**` is off by a bit for some. */
export function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}
