// SPDX-License-Identifier: Apache-2.0
// What alarms are and say, in words: never by colour alone.
import { percent, significant } from "./numbers";
import { DAY, HOUR, MINUTE, SECOND } from "./time";

export type AlarmState = "insufficient_data" | "ok" | "pending" | "firing" | "resolved";

export type AlarmSubject =
  "numbers" | "categories" | "missing" | "type" | "latency" | "failures" | "slow" | "joint";

export const ALARM_WORD: Record<AlarmState, string> = {
  firing: "Firing",
  pending: "Pending",
  resolved: "Resolved",
  ok: "No alarm",
  insufficient_data: "Not enough data",
};

/** Of a service that nothing has come from for an hour, or that has just come. */
export const NOT_EVALUATED = "Not evaluated";

/** Evidence as a share of the threshold: from here an alarm fires, and is pending. */
export const FIRES_AT = 1;
export const PENDING_FROM = 0.01;

/** The gravest last. */
const ORDER: readonly AlarmState[] = ["resolved", "pending", "firing"];

/** How much an alarm matters: 0 if nothing is known against its subject. */
export function gravity(state: AlarmState | undefined): number {
  return state ? ORDER.indexOf(state) + 1 : 0;
}

/** Of what it is, and what about it: "amount", "missing". */
export function alarmTitle(name: string, subject: AlarmSubject): { of: string; what?: string } {
  switch (subject) {
    case "numbers":
    case "categories":
      return { of: name };
    case "missing":
      return { of: name.replace(/_missing$/, ""), what: "missing" };
    case "type":
      return { of: name.replace(/_type$/, ""), what: "of another type" };
    case "latency":
      return { of: "Latency" };
    case "failures":
      return { of: "Success rate" };
    case "slow":
      return { of: "Latency p95" };
    case "joint":
      return { of: name.replace("~", " and "), what: "together" };
  }
}

/**
 * What leads to it: the check about the same, as the server names it, or where there is none, the
 * alarm by its name. Of an alarm in an incident the check is not told: its own view goes on to it.
 */
export function alarmParameters({
  name,
  check,
}: {
  name: string;
  check?: string | null;
}): { check: string } | { alarm: string } {
  return check ? { check } : { alarm: name };
}

const UNITS = [
  [365.25 * DAY, "years"],
  [DAY, "days"],
  [HOUR, "hours"],
  [MINUTE, "minutes"],
  [SECOND, "seconds"],
] as const;
const MANY = 1e6;

/** "130 years", "more than a million years": as the server's sentences say it. */
export function returnPeriod(seconds: number): string {
  const ms = seconds * SECOND;
  const [length, name] = UNITS.find(([one]) => ms / one >= 1.95) ?? [SECOND, "seconds"];
  const many = ms / length;
  return many > MANY ? `more than a million ${name}` : `${significant(many, 2)} ${name}`;
}

/** Beyond this a larger number makes nothing surer. */
const SURE = 1e9;

/** Evidence as a multiple of the threshold: 0.012, 130, 10⁶. */
export function ofThreshold(value: number | null | undefined): string {
  if (value == null) return significant(value);
  if (value < 1e-4) return value > 0 ? "< 0.0001" : "0";
  if (value > SURE) return `> ${ofThreshold(SURE)}`;
  return value < 1e5 ? significant(value, 2) : `10${superscript(Math.floor(Math.log10(value)))}`;
}

function superscript(value: number): string {
  return String(value).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "");
}

/** How sure an alarm is; below what a chart tells apart there is nothing to be sure of. */
export function evidenceText(evidence: { of_threshold: number; return_period: string }): string {
  const { of_threshold, return_period } = evidence;
  if (of_threshold < 1e-4) return "hardly any";
  return `${ofThreshold(of_threshold)} of the threshold; by chance once in ${return_period}`;
}

interface Effect {
  share: number;
  interval_95: readonly number[];
  baseline_share: number;
  tolerated: readonly number[];
}

/** A promised level has no baseline: what is tolerated is said in its stead. */
function isRate(subject: AlarmSubject): boolean {
  return ["missing", "type", "failures", "slow"].includes(subject);
}

/** "21 % (16 % to 27 %) instead of 50 %" */
export function effectText(effect: Effect, subject: AlarmSubject): string {
  const [low, high] = effect.interval_95;
  const live = `${percent(effect.share)} (${percent(low)} to ${percent(high)})`;
  return isRate(subject)
    ? `${live} where ${percent(effect.tolerated[1], 2)} is tolerated`
    : `${live} instead of ${percent(effect.baseline_share)}`;
}

interface Tolerated {
  tolerance: number;
  tolerance_learnt: boolean;
  effect: Effect | null;
}

/** Which differences are nobody's business, and by what. */
export function toleranceText(subject: AlarmSubject, alarm: Tolerated): string {
  const { tolerance, tolerance_learnt, effect } = alarm;
  const [low, high] = (effect?.tolerated ?? []).map((share) => percent(share, 2));
  if (subject === "failures" || subject === "slow") {
    return high ? `At most ${high} is tolerated, as promised.` : "As promised.";
  }
  const by = tolerance_learnt
    ? "learnt from how much the baseline's half hours differ."
    : "not learnt, as the baseline has fewer than 16 half hours.";
  const points = `${significant(tolerance * 100, 2)} points at a share of 50 %, fewer towards 0 % and 100 %`;
  if (!low || !high) return `${points}; ${by}`;
  if (isRate(subject)) return `At most ${high} is tolerated; ${by}`;
  return `Here ${low} to ${high} is tolerated: ${points}; ${by}`;
}
