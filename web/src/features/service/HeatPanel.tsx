// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import type { Timeline, TimelineCheck } from "@/api/types";
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { HeatKey, HeatMap, type HeatRow } from "@/components/HeatMap";
import { Name } from "@/components/Name";
import { HistoryPicker } from "@/components/HistoryPicker";
import { counted } from "@/lib/numbers";
import { onset } from "@/lib/onset";
import { link, type Selection } from "@/lib/selection";
import { isolated } from "@/lib/text";
import { duration, millis, moment, rfc3339, SECOND, span } from "@/lib/time";
import { checkFigure, checkTitle, limitText, VALUE_NAME, VERDICT_WORD } from "@/lib/verdict";

interface Props {
  timeline: Timeline;
  selection: Selection;
  history: number;
}

function cellText(check: TimelineCheck, step: number): string {
  const { kind, states, values, limits, n } = check;
  const figure = `${VALUE_NAME[kind]} ${checkFigure(kind, values[step])}, ${limitText(kind, limits[step])}`;
  return `${VERDICT_WORD[states[step] ?? "insufficient"]}: ${figure}, n ${n[step] ?? 0}`;
}

function rowsOf(timeline: Timeline, times: readonly number[], selection: Selection): HeatRow[] {
  const stepMs = timeline.step_seconds * SECOND;
  const now = millis(timeline.generated_at);
  const windowMinutes = Math.max(1, Math.round(timeline.step_seconds / 60));
  return timeline.checks.map((check) => {
    const title = checkTitle(check.name, check.kind);
    return {
      key: check.name,
      title: <Name>{title}</Name>,
      states: check.states,
      severities: check.severities,
      href: (step) => {
        const begin = step === undefined ? undefined : times[step];
        // The last step is not over: its end is now.
        const at = begin === undefined ? undefined : rfc3339(Math.min(begin + stepMs, now));
        const then = at === undefined ? {} : { at, windowMinutes };
        return link("/check", { ...selection, ...then }, { check: check.name });
      },
      describe: (step) => {
        const begin = times[step] ?? 0;
        return `${isolated(title)}, ${span(begin, begin + stepMs)}. ${cellText(check, step)}`;
      },
    };
  });
}

function summaryOf(timeline: Timeline, times: readonly number[]): string {
  // A step that has just begun holds too little to be named.
  const end = millis(timeline.generated_at) - timeline.step_seconds * SECOND;
  const over = times.filter((begin) => begin <= end).length;
  const begun = timeline.checks.flatMap(({ name, kind, states }) => {
    const step = onset(states.slice(0, over));
    return step === undefined
      ? []
      : [`${isolated(checkTitle(name, kind))} since ${moment(times[step] ?? 0)}`];
  });
  const each = `Each cell is ${duration(timeline.step_seconds * SECOND)} of events against the baseline.`;
  return `${each} ${begun.length ? `Failing in the latest whole steps: ${begun.join(", ")}.` : "Nothing fails in the latest whole steps."}`;
}

/** Features by time: when did drift begin. */
export function HeatPanel({ timeline, selection, history }: Props) {
  const stepMs = timeline.step_seconds * SECOND;
  const from = millis(timeline.from);
  const times = useMemo(
    () => timeline.samples.map((_, step) => from + step * stepMs),
    [timeline.samples, from, stepMs],
  );
  const rows = useMemo(() => rowsOf(timeline, times, selection), [timeline, times, selection]);
  return (
    <ChartFrame
      title="Checks over time"
      summary={summaryOf(timeline, times)}
      aside={
        <HistoryPicker
          inline
          minutes={history}
          href={(minutes) => link("/service", selection, { history: minutes })}
        />
      }
      legend={<HeatKey />}
      interactive
      table={() => <HeatTable timeline={timeline} times={times} />}
    >
      <HeatMap rows={rows} times={times} end={from + timeline.steps * stepMs} />
      {timeline.checks_omitted > 0 && (
        <p>{counted(timeline.checks_omitted, "more check")} not shown.</p>
      )}
    </ChartFrame>
  );
}

function HeatTable({ timeline, times }: { timeline: Timeline; times: readonly number[] }) {
  const steps = times.map((_, step) => step).reverse();
  return (
    <DataTable
      caption="Checks over time, the latest first"
      rows={steps}
      keyOf={(step) => step}
      columns={[
        { title: "From", cell: (step) => moment(times[step] ?? 0) },
        { title: "Events", numeric: true, cell: (step) => timeline.samples[step] ?? 0 },
        ...timeline.checks.map((check) => ({
          title: <Name>{checkTitle(check.name, check.kind)}</Name>,
          cell: (step: number) => cellText(check, step),
        })),
      ]}
    />
  );
}
