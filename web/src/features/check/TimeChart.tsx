// SPDX-License-Identifier: Apache-2.0
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { Legend, type LegendEntry } from "@/components/Legend";
import { Plot } from "@/components/Plot";
import type { PlotSeries } from "@/components/plotOptions";
import type { Missing } from "@/lib/numbers";
import { SECOND, span } from "@/lib/time";
import type { Verdict } from "@/lib/verdict";

type LineMark = "live" | "live-light" | "live-dark" | "limit";

export interface TimeLine {
  label: string;
  mark: LineMark;
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  about: string;
  /** Said instead of the chart when there is no value at all. */
  empty: string;
  grid: { seconds: readonly number[]; step: number };
  lines: readonly TimeLine[];
  /** Steps that fail get a mark on the first line. */
  states?: readonly Verdict[];
  format: (value: number | Missing) => string;
  yRange?: [number | null, number | null];
}

const LOOK: Record<LineMark, Omit<PlotSeries, "label">> = {
  live: { colour: "--live" },
  "live-light": { colour: "--live", dash: [2, 3], width: 1.5 },
  "live-dark": { colour: "--live", dash: [8, 4], width: 1.5 },
  limit: { colour: "--limit", dash: [6, 4], width: 1.5, shape: "steps" },
};

/** A limit alone is nothing to look at. */
function isEmpty(lines: readonly TimeLine[]): boolean {
  return lines.every(({ mark, values }) => mark === "limit" || values.every((one) => one == null));
}

/** Lines over time, with the limit among them. */
export function TimeChart({ title, about, empty, grid, lines, states, format, yRange }: Props) {
  const series: PlotSeries[] = lines.map(({ label, mark }) => ({ label, ...LOOK[mark] }));
  const values = lines.map((line) => line.values);
  const entries: LegendEntry[] = lines.map(({ label, mark }) => ({
    label,
    mark,
    dashed: mark === "limit",
  }));
  if (states) {
    series.push({ label: "Failing", colour: "--fail", shape: "points" });
    values.push(
      (lines[0]?.values ?? []).map((value, step) => (states[step] === "fail" ? value : null)),
    );
    entries.push({ label: "Failing step", mark: "fail-point" });
  }
  const stepName = (step: number) => {
    const begin = (grid.seconds[step] ?? 0) * SECOND;
    return span(begin, begin + grid.step * SECOND);
  };
  const words = (step: number) =>
    `${stepName(step)}: ${lines.map(({ label, values: line }) => `${label} ${format(line[step])}`).join(", ")}`;
  return (
    <ChartFrame
      title={title}
      summary={about}
      empty={isEmpty(lines) ? empty : undefined}
      legend={<Legend entries={entries} />}
      table={() => (
        <DataTable
          caption={`${title}, the latest first`}
          rows={grid.seconds.map((_, step) => step).reverse()}
          keyOf={(step) => step}
          columns={[
            { title: "Step", cell: stepName },
            ...lines.map(({ label, values: line }) => ({
              title: label,
              numeric: true,
              cell: (step: number) => format(line[step]),
            })),
          ]}
        />
      )}
    >
      <Plot
        x={grid.seconds}
        values={values}
        series={series}
        xKind="time"
        yFormat={format}
        readout={words}
        height={200}
        {...(yRange ? { yRange } : {})}
      />
    </ChartFrame>
  );
}
