// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import { alarmsApart } from "@/api/alarm";
import type { NamedAlarm } from "@/api/types";
import { AlarmBadge } from "@/components/AlarmBadge";
import { AlarmName } from "@/components/AlarmName";
import { Panel } from "@/components/Panel";
import { alarmParameters } from "@/lib/alarm";
import { link } from "@/lib/selection";
import { withLocalTimes } from "@/lib/time";
import styles from "./AlarmsApart.module.css";

interface Props {
  alarms: readonly NamedAlarm[];
  /** Names of the checks on screen. */
  checks: readonly string[];
  service: string;
}

/** Alarms about what no check looks at: latencies, values that are missing or of another type. */
export function AlarmsApart({ alarms, checks, service }: Props) {
  const apart = alarmsApart(checks, alarms);
  if (apart.length === 0) return null;
  return (
    <Panel title="Alarms without a check">
      <ul className={styles["apart"]}>
        {apart.map((alarm) => (
          <li key={alarm.name}>
            <Link href={link("/check", { service }, alarmParameters(alarm))}>
              <AlarmName {...alarm} />
            </Link>
            <span>
              <AlarmBadge state={alarm.state} />
            </span>
            <p dir="auto">{withLocalTimes(alarm.reason)}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
