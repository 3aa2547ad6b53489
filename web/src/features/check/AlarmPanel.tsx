// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import { useEvidence } from "@/api/queries";
import type { AlarmEffect, NamedAlarm } from "@/api/types";
import { Facts, type Fact } from "@/components/Facts";
import { Loaded } from "@/components/Loaded";
import { Panel } from "@/components/Panel";
import { effectText, evidenceText, toleranceText } from "@/lib/alarm";
import { isolated } from "@/lib/text";
import { link } from "@/lib/selection";
import { moment, withLocalTimes } from "@/lib/time";
import styles from "./AlarmPanel.module.css";
import { EvidenceChart } from "./EvidenceChart";

interface Props {
  alarm: NamedAlarm;
  service: string;
}

/** What is known of one alarm: why, how surely, how big, since when, and how the evidence went. */
export function AlarmPanel({ alarm, service }: Props) {
  const evidence = useEvidence(service, alarm.name);
  return (
    <div className={styles["alarm"]}>
      <Panel title="Alarm">
        <p className={styles["reason"]} dir="auto">
          {withLocalTimes(alarm.reason)}
        </p>
        <Facts facts={factsOf(alarm)} />
        <p>
          <Link href={link("/alarms", { service })}>Incidents of this service</Link>
        </p>
      </Panel>
      <Loaded of={evidence} what="The evidence" height="20rem">
        {(course) => <EvidenceChart course={course} started={alarm.started} />}
      </Loaded>
    </div>
  );
}

function factsOf(alarm: NamedAlarm): Fact[] {
  const { subject, since, started, evidence, effect } = alarm;
  return [
    ["In this state since", moment(since)],
    ["Began at about", started && moment(started)],
    ["Evidence", evidenceText(evidence)],
    ["How big", effect && sized(effect, subject)],
    ["Tolerance", toleranceText(subject, alarm)],
  ];
}

function sized(effect: AlarmEffect, subject: NamedAlarm["subject"]): string {
  const text = effectText(effect, subject);
  return effect.of ? `${isolated(effect.of)}: ${text}` : text;
}
