// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { NamedCheck } from "@/api/check";
import { changeOf, judgedBy, valueOf } from "@/api/checkWords";
import { AlarmBadge } from "@/components/AlarmBadge";
import { ChangeWords } from "@/components/ChangeWords";
import { Name } from "@/components/Name";
import { VerdictBadge } from "@/components/VerdictBadge";
import { count } from "@/lib/numbers";
import { moment, withLocalTimes } from "@/lib/time";
import { checkFigure, checkTitle, KIND_NAME, ofServiceLevel, VALUE_NAME } from "@/lib/verdict";
import styles from "./CheckCards.module.css";

interface Props {
  check: NamedCheck;
  href: string;
  began: { at: number; before: boolean } | undefined;
}

/**
 * A check in short: its alarm with the reason, and as a single look its verdict, value and limit,
 * how many values it rests on, what changed.
 */
export function CheckCard({ check, href, began }: Props) {
  const { name, kind, state } = check;
  const named = !ofServiceLevel(kind);
  const { alarm } = check.check;
  return (
    <li className={styles["card"]} data-alarm={alarm?.state} data-state={state}>
      <div className={styles["head"]}>
        <h3>
          <Link href={href}>
            <Name>{checkTitle(name, kind)}</Name>
          </Link>
        </h3>
        {alarm ? <AlarmBadge state={alarm.state} /> : <VerdictBadge state={state} />}
      </div>
      {alarm && (
        <>
          <p className={styles["reason"]} dir="auto">
            {withLocalTimes(alarm.reason)}
          </p>
          <p className={styles["look"]}>
            Single look: <VerdictBadge quiet state={state} />
          </p>
        </>
      )}
      <p className={styles["figure"]}>
        {named && <span className={styles["unit"]}>{VALUE_NAME[kind]} </span>}
        {checkFigure(kind, valueOf(check))}
      </p>
      <p className={styles["judged"]}>{judgedBy(check)}</p>
      <ChangeWords change={changeOf(check)} />
      {began && (
        <p className={styles["since"]}>
          {began.before ? "Failing since before" : "Failing since about"} {moment(began.at)}
        </p>
      )}
      <p className={styles["foot"]}>
        {named ? `${KIND_NAME[kind]}. ` : ""}
        {counts(check)}
      </p>
    </li>
  );
}

function counts({ kind, check }: NamedCheck): string {
  switch (kind) {
    case "success_rate":
      return `live n ${count(check.total)}`;
    case "latency_p95":
      return `live n ${count(check.live_n)}`;
    default:
      return `live n\u00a0${count(check.live_n)}, baseline n\u00a0${count(check.baseline_n)}`;
  }
}
