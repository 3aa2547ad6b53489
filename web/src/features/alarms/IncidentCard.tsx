// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link } from "wouter";
import type { Incident } from "@/api/types";
import { Badge } from "@/components/Badge";
import { AlarmBadge } from "@/components/AlarmBadge";
import { Button } from "@/components/Button";
import { Name } from "@/components/Name";
import { useNow } from "@/lib/clock";
import { counted } from "@/lib/numbers";
import { link } from "@/lib/selection";
import { duration, millis, moment, span } from "@/lib/time";
import styles from "./Alarms.module.css";
import { Acknowledge } from "./Acknowledge";
import { FiredAlarmItem } from "./FiredAlarmItem";
import { Notices } from "./Notices";

/** Many features may drift together; the first that fired say most of it. */
const SHOWN = 4;

const BECAUSE = {
  resolved: "closed because the drift was over",
  "baseline replaced": "closed because another baseline was activated",
} as const;

/** One incident: whose, from when until when and why it ended, and the alarms in it. */
export function IncidentCard({ incident }: { incident: Incident }) {
  const [all, setAll] = useState(false);
  const { service, state, alarms, alarms_left_out } = incident;
  const shown = all ? alarms : alarms.slice(0, SHOWN);
  return (
    <li className={styles["card"]} data-state={state}>
      <div className={styles["head"]}>
        <h3>
          <Link href={link("/service", { service })}>
            <Name>{service}</Name>
          </Link>
        </h3>
        {state === "open" ? (
          <AlarmBadge state="firing" />
        ) : (
          <Badge tone="wait" shape="M3.5 8.5l3 3 6-7">
            Closed
          </Badge>
        )}
      </div>
      <p className={styles["when"]}>
        <When incident={incident} />
        {incident.silenced && " Silenced: no message goes out."}
      </p>
      <Acknowledge incident={incident} />
      <Notices notices={incident.notices} />
      <ul className={styles["alarms"]}>
        {shown.map((alarm) => (
          <FiredAlarmItem key={`${alarm.name} ${alarm.fired_at}`} alarm={alarm} service={service} />
        ))}
      </ul>
      {alarms.length > shown.length && (
        <p>
          <Button look="quiet" onClick={() => setAll(true)}>
            Show {counted(alarms.length - shown.length, "more alarm")}
          </Button>
        </p>
      )}
      {alarms_left_out > 0 && (
        <p className={styles["muted"]}>
          {counted(alarms_left_out, "more alarm")} fired and are not kept.
        </p>
      )}
    </li>
  );
}

function When({ incident }: { incident: Incident }) {
  const { opened_at, closed_at, closed_because, baseline_version, alarms } = incident;
  const now = useNow();
  const against = baseline_version > 0 ? `, against baseline ${baseline_version}` : "";
  const many = counted(alarms.length + incident.alarms_left_out, "alarm");
  if (!closed_at) {
    return `${many} since ${moment(opened_at)}, for ${duration(now - millis(opened_at))}${against}.`;
  }
  const because = closed_because ? `; ${BECAUSE[closed_because]}` : "";
  return `${many}, ${span(opened_at, closed_at)} (${duration(millis(closed_at) - millis(opened_at))})${against}${because}.`;
}
