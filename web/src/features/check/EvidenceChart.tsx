// SPDX-License-Identifier: Apache-2.0
import type { EvidenceCourse } from "@/api/types";
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { Legend } from "@/components/Legend";
import { Plot } from "@/components/Plot";
import type { Mark, PlotSeries } from "@/components/plotOptions";
import { FIRES_AT, ofThreshold, PENDING_FROM } from "@/lib/alarm";
import { decadesOf, within } from "@/lib/evidence";
import { duration, millis, moment, SECOND, span } from "@/lib/time";

const SERIES: readonly PlotSeries[] = [{ label: "Evidence", colour: "--live" }];

interface Props {
  course: EvidenceCourse;
  /** When the drift seems to have begun. */
  started: string | null;
}

function marksOf(from: number, started: string | null): Mark[] {
  const lines: Mark[] = [
    { y: FIRES_AT, label: "fires", colour: "--limit" },
    { y: PENDING_FROM, label: "pending", colour: "--warn" },
  ];
  if (!started || millis(started) < from) return lines;
  return [...lines, { x: millis(started) / SECOND, label: "began", colour: "--text" }];
}

function summaryOf({ from, to, step_seconds }: EvidenceCourse, started: string | null): string {
  const each = `Evidence as a multiple of the threshold, ${span(from, to)} in steps of ${duration(step_seconds * SECOND)}. At 1 the alarm fires, above 0.01 it is pending.`;
  if (!started) return `${each} No drift is seen to have begun.`;
  const before = millis(started) < millis(from) ? ", before this chart" : "";
  return `${each} The drift seems to have begun at about ${moment(started)}${before}.`;
}

/** How an alarm's evidence went, against what makes it fire. */
export function EvidenceChart({ course, started }: Props) {
  const { from, step_seconds, of_threshold: values } = course;
  const seconds = values.map((_, step) => millis(from) / SECOND + (step + 1) * step_seconds);
  const decades = decadesOf(values);
  const begun = started !== null;
  const words = (step: number) => {
    const value = values[step];
    const at = moment((seconds[step] ?? 0) * SECOND);
    return value == null ? `${at}: not evaluated` : `${at}: ${ofThreshold(value)}`;
  };
  return (
    <ChartFrame
      title="Evidence over time"
      summary={summaryOf(course, started)}
      empty={values.every((one) => one === null) ? "Nothing was evaluated yet." : undefined}
      legend={
        <Legend
          entries={[
            { label: "Evidence", mark: "live" },
            { label: "Fires", mark: "limit", dashed: true },
            { label: "Pending", mark: "warn", dashed: true },
            ...(begun ? [{ label: "Estimated start", mark: "began" } as const] : []),
          ]}
        />
      }
      table={() => (
        <DataTable
          caption="Evidence over time, the latest first"
          rows={seconds.map((_, step) => step).reverse()}
          keyOf={(step) => step}
          columns={[
            { title: "Until", cell: (step) => moment((seconds[step] ?? 0) * SECOND) },
            {
              title: "Of the threshold",
              numeric: true,
              cell: (step) => ofThreshold(values[step]),
            },
          ]}
        />
      )}
    >
      <Plot
        x={seconds}
        values={[within(values, decades)]}
        series={SERIES}
        xKind="time"
        yFormat={ofThreshold}
        yDecades={decades}
        marks={marksOf(millis(from), started)}
        readout={words}
        height={330}
      />
    </ChartFrame>
  );
}
