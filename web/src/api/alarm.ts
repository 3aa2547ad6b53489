// SPDX-License-Identifier: Apache-2.0
// Which alarm is about the same as a check.
import { gravity } from "@/lib/alarm";
import type { NamedAlarm } from "./types";

/**
 * The alarm beside a check, as reports have it: the one of the same name, or of the check's
 * feature, "amount" of "amount_ks"; of several that fit, the one with the longest name.
 */
export function alarmOfCheck(check: string, alarms: readonly NamedAlarm[]): NamedAlarm | undefined {
  const same = alarms.find(({ name }) => name === check);
  if (same || isOfShape(check)) return same;
  return alarms
    .filter(({ name, subject }) => {
      const aboutValues = subject === "numbers" || subject === "categories";
      return aboutValues && check.startsWith(`${name}_`);
    })
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Names of features' other checks end with a measure. */
function isOfShape(check: string): boolean {
  return check === "schema" || check.endsWith("_missing") || check.endsWith("_type");
}

/** Alarms that no check stands beside, the gravest first. */
export function alarmsApart(
  checks: readonly string[],
  alarms: readonly NamedAlarm[],
): readonly NamedAlarm[] {
  const beside = new Set(checks.map((check) => alarmOfCheck(check, alarms)));
  return alarms
    .filter((alarm) => !beside.has(alarm))
    .sort(
      (a, b) =>
        gravity(b.state) - gravity(a.state) ||
        b.evidence.of_threshold - a.evidence.of_threshold ||
        a.name.localeCompare(b.name),
    );
}
