// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { CheckOutline, OverviewEndpoint, OverviewService } from "@/api/types";
import { AlarmBadge } from "@/components/AlarmBadge";
import { Name } from "@/components/Name";
import { Sparkline } from "@/components/Sparkline";
import { VerdictBadge } from "@/components/VerdictBadge";
import { count, counted, milliseconds, percent } from "@/lib/numbers";
import { link, type Selection } from "@/lib/selection";
import { checkFigure, checkTitle, limitText, ofServiceLevel, VALUE_NAME } from "@/lib/verdict";
import styles from "./ServiceTable.module.css";

interface Props {
  row: OverviewEndpoint | OverviewService;
  selection: Selection;
  /** The name, in its cell. */
  children: ReactNode;
}

/** The cells of a service's row or of an endpoint's. */
export function Cells({ row, selection, children }: Props) {
  return (
    <>
      <td role="cell" className={styles["alarm"]}>
        {"alarm" in row && <ServiceAlarm alarm={row.alarm} />}
      </td>
      <th scope="row" role="rowheader">
        {children}
      </th>
      <td role="cell" className={styles["worst"]}>
        <VerdictBadge quiet state={row.state} />
        <Worst row={row} selection={selection} />
      </td>
      <td role="cell" data-numeric data-label="Samples">
        {count(row.samples)}
      </td>
      <td role="cell" data-numeric data-label="Success">
        {percent(row.success_rate, 2)}
      </td>
      <td role="cell" data-numeric data-label="p95">
        {milliseconds(row.p95)}
      </td>
      <td role="cell" className={styles["trend"]}>
        {row.trend && <Sparkline samples={row.trend.samples} states={row.trend.states} />}
      </td>
    </>
  );
}

/** Alarms are of whole services; endpoints have none. */
function ServiceAlarm({ alarm }: Pick<OverviewService, "alarm">) {
  return (
    <>
      <AlarmBadge state={alarm?.state ?? null} />
      {alarm && alarm.firing > 1 && (
        <span className={styles["several"]}>{counted(alarm.firing, "alarm")}</span>
      )}
    </>
  );
}

function Worst({ row, selection }: Omit<Props, "children">) {
  const noBaseline = "baseline_version" in row && row.baseline_version === null;
  if (row.worst && !(noBaseline && row.state === "insufficient")) {
    return (
      <>
        <CheckLink check={row.worst} selection={selection} />
        {row.failing > 1 && (
          <span className={styles["more"]}>
            and {row.failing - 1} more of {row.checks}
          </span>
        )}
      </>
    );
  }
  if (row.samples === 0) return <span className={styles["more"]}>No events in this window</span>;
  if (!noBaseline) return <span className={styles["more"]}>Too few samples</span>;
  const { service } = selection;
  return (
    <span className={styles["more"]}>
      No baseline yet. <Link href={link("/baselines", { service })}>Build one</Link>
    </span>
  );
}

function CheckLink({ check, selection }: { check: CheckOutline; selection: Selection }) {
  const { name, kind, value, limit } = check;
  return (
    <>
      <Link href={link("/check", selection, { check: name })}>
        <Name>{checkTitle(name, kind)}</Name>
      </Link>
      <span className={styles["figure"]}>
        {ofServiceLevel(kind) ? "" : `${VALUE_NAME[kind]} `}
        {checkFigure(kind, value)}
        <span className={styles["more"]}>, {limitText(kind, limit)}</span>
      </span>
    </>
  );
}
