// SPDX-License-Identifier: Apache-2.0
import { memo, useState, type MouseEvent, type ReactNode } from "react";
import { Link } from "wouter";
import { cellPath, HEAT_LEVELS, heatLevel } from "@/lib/heat";
import { timeTicks } from "@/lib/ticks";
import { moment } from "@/lib/time";
import type { Verdict } from "@/lib/verdict";
import styles from "./HeatMap.module.css";

export interface HeatRow {
  key: string;
  title: ReactNode;
  states: readonly Verdict[];
  severities: readonly (number | null)[];
  /** Where a cell leads: the check as it was then; without a step, as it is now. */
  href: (step?: number) => string;
  /** "amount, 15:40 – 15:45: D 0.31, limit 0.08: Fail" */
  describe: (step: number) => string;
}

interface Props {
  rows: readonly HeatRow[];
  /** When each step begins, in milliseconds, and when the last one ends. */
  times: readonly number[];
  end: number;
}

/** A failing cell fills its row, one that is OK is lower, too few data are a thin line. */
const HEIGHT = { fail: 1, ok: 0.6, insufficient: 0.1 };

const Strip = memo(function Strip({ states, severities }: Pick<HeatRow, "states" | "severities">) {
  const byLevel: number[][] = Array.from({ length: HEAT_LEVELS }, () => []);
  const none: number[] = [];
  states.forEach((state, step) => {
    const level = heatLevel(state, severities[step]);
    (level === undefined ? none : (byLevel[level] ?? none)).push(step);
  });
  return (
    <svg viewBox={`0 0 ${states.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      <path className={styles["none"]} d={cellPath(none, HEIGHT.insufficient)} />
      {byLevel.map((steps, level) =>
        steps.length ? (
          <path
            key={level}
            data-level={level}
            d={cellPath(steps, level >= 5 ? HEIGHT.fail : HEIGHT.ok)}
          />
        ) : null,
      )}
    </svg>
  );
});

function stepUnder(event: MouseEvent, steps: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  const place = Math.floor(((event.clientX - box.left) / box.width) * steps);
  return Math.min(steps - 1, Math.max(0, place));
}

/** Checks by time: when did what begin to drift. */
export function HeatMap({ rows, times, end }: Props) {
  const [under, setUnder] = useState<{ row: number; step: number } | null>(null);
  const row = under && rows[under.row];
  const begin = times[0] ?? end;
  return (
    <div className={styles["map"]} onPointerLeave={() => setUnder(null)}>
      {rows.map(({ key, title, states, severities, href }, place) => (
        <div key={key} className={styles["row"]}>
          <Link href={href()} className={styles["title"] ?? ""}>
            {title}
          </Link>
          {/* For pointers: by keyboard there are the title and the table. */}
          <Link
            href={href(under?.row === place ? under.step : undefined)}
            className={styles["strip"] ?? ""}
            tabIndex={-1}
            aria-hidden="true"
            onPointerMove={(event) =>
              setUnder({ row: place, step: stepUnder(event, states.length) })
            }
          >
            <Strip states={states} severities={severities} />
          </Link>
        </div>
      ))}
      <div className={styles["axis"]} aria-hidden="true">
        {timeTicks(begin, end, 6).map((at) => (
          <span key={at} style={{ insetInlineStart: `${((at - begin) / (end - begin)) * 100}%` }}>
            {moment(at, end)}
          </span>
        ))}
      </div>
      <p className={styles["readout"]} aria-hidden="true">
        {row && under
          ? row.describe(under.step)
          : "Point at a cell to read it; follow it to see that moment."}
      </p>
    </div>
  );
}

/** What the colours and heights of the cells mean. */
export function HeatKey() {
  return (
    <ul className={styles["key"]}>
      <li>
        <KeyCell level={0} height={HEIGHT.ok} />
        <KeyCell level={2} height={HEIGHT.ok} />
        <KeyCell level={4} height={HEIGHT.ok} /> OK, up to the limit
      </li>
      <li>
        <KeyCell level={5} height={HEIGHT.fail} />
        <KeyCell level={6} height={HEIGHT.fail} />
        <KeyCell level={7} height={HEIGHT.fail} /> Fail, stronger the further beyond it
      </li>
      <li>
        <KeyCell height={HEIGHT.insufficient} /> Not enough data
      </li>
    </ul>
  );
}

function KeyCell({ level, height }: { level?: number; height: number }) {
  return (
    <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      <path
        className={level === undefined ? styles["none"] : undefined}
        data-level={level}
        d={cellPath([0], height)}
      />
    </svg>
  );
}
