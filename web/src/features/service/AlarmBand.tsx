// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { AlarmSummary, NamedAlarm } from "@/api/types";
import { AlarmName } from "@/components/AlarmName";
import { Name } from "@/components/Name";
import { ALARM_WORD, alarmParameters, NOT_EVALUATED } from "@/lib/alarm";
import { link, type Selection } from "@/lib/selection";
import { moment, momentExact, withLocalTimes } from "@/lib/time";
import styles from "./Band.module.css";

interface Props {
  summary: AlarmSummary;
  alarms: readonly NamedAlarm[];
  selection: Selection;
}

/** The alarm of the whole service: its state, why, since when, and what fires. */
export function AlarmBand({ summary, alarms, selection }: Props) {
  const { state, since, evaluated_until, firing, reason } = summary;
  const { service, endpoint, host } = selection;
  return (
    <section className={styles["band"]} data-state={state} aria-label="Alarm">
      <div className={styles["head"]}>
        <strong>
          {evaluated_until ? ALARM_WORD[state] : NOT_EVALUATED}
          {since && ` since ${moment(since)}`}
        </strong>
        <Link href={link("/alarms", { service })}>Its incidents</Link>
      </div>
      <p className={styles["reason"]} dir="auto">
        {withLocalTimes(reason)}
      </p>
      {firing.length > 0 && (
        <p>
          Firing:{" "}
          {firing.map((name, place) => (
            <span key={name}>
              {place > 0 && ", "}
              <FiringName
                alarm={alarms.find((one) => one.name === name)}
                name={name}
                service={service}
              />
            </span>
          ))}
        </p>
      )}
      <p className={styles["foot"]}>
        {evaluated_until
          ? `Events until ${momentExact(evaluated_until)} count.`
          : "Alarms are evaluated when ten seconds of events are over."}
        {(endpoint ?? host) && " Alarms are of the whole service, whatever is chosen above."}
      </p>
    </section>
  );
}

function FiringName({
  alarm,
  name,
  service,
}: {
  alarm: NamedAlarm | undefined;
  name: string;
  service: string;
}) {
  if (!alarm) return <Name>{name}</Name>;
  return (
    <Link href={link("/check", { service }, alarmParameters(alarm))}>
      <AlarmName {...alarm} />
    </Link>
  );
}
