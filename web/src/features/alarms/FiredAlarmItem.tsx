// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { FiredAlarm } from "@/api/types";
import { AlarmName } from "@/components/AlarmName";
import { Facts, type Fact } from "@/components/Facts";
import { alarmParameters, effectText, returnPeriod } from "@/lib/alarm";
import { link } from "@/lib/selection";
import { moment, withLocalTimes } from "@/lib/time";
import styles from "./Alarms.module.css";

/** An alarm's part in an incident: when, how surely, how big, and the sentence of that moment. */
export function FiredAlarmItem({ alarm, service }: { alarm: FiredAlarm; service: string }) {
  const { fired_at, started, resolved_at, return_period_seconds, effect, subject, reason } = alarm;
  const facts: Fact[] = [
    ["Fired", moment(fired_at)],
    ["Began at about", started && moment(started)],
    ["Over", resolved_at ? moment(resolved_at) : "not yet"],
    ["By chance", `once in ${returnPeriod(return_period_seconds)}`],
    ["How big then", effect && effectText(effect, subject)],
  ];
  return (
    <li>
      <h4>
        <Link href={link("/check", { service }, alarmParameters(alarm))}>
          <AlarmName {...alarm} />
        </Link>
      </h4>
      <Facts facts={facts} inline />
      <p className={styles["reason"]} dir="auto">
        {withLocalTimes(reason)}
      </p>
    </li>
  );
}
