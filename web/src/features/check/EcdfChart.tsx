// SPDX-License-Identifier: Apache-2.0
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { Legend, type LegendEntry } from "@/components/Legend";
import { Plot } from "@/components/Plot";
import type { Mark, PlotSeries } from "@/components/plotOptions";
import { percent, statistic } from "@/lib/numbers";
import { unitOf, xRangeOf, type Numeric } from "./numeric";

const SERIES: readonly PlotSeries[] = [
  { label: "Baseline", colour: "--baseline", shape: "steps", width: 2.5 },
  { label: "Live", colour: "--live", shape: "steps" },
];

function marksOf(detail: Numeric): Mark[] {
  if (detail.kind === "latency_p95")
    return [{ x: detail.check.max, label: "limit", colour: "--limit" }];
  const { gap } = detail;
  if (!gap) return [];
  return [
    {
      x: gap.x,
      between: [gap.live, gap.baseline],
      label: detail.kind === "ks" ? `D ${statistic(detail.check.d)}` : "largest gap",
      colour: "--limit",
    },
  ];
}

function summaryOf(detail: Numeric): string {
  const format = unitOf(detail);
  if (detail.kind === "latency_p95") {
    const { live, baseline } = detail.above_max;
    return `Share of calls up to each duration. ${percent(live)} of live calls take longer than ${format(detail.check.max)}, ${percent(baseline)} of the baseline's.`;
  }
  const { gap } = detail;
  if (!gap) return "Share of values up to each x. There is nothing to compare yet.";
  return `Share of values up to each x. The largest gap is at ${format(gap.x)}: ${percent(gap.live)} of live values are up to there, ${percent(gap.baseline)} of the baseline's.`;
}

/** Both distribution functions, with their largest gap, which is what KS measures. */
export function EcdfChart({ detail }: { detail: Numeric }) {
  const { x, live, baseline } = detail.ecdf;
  const format = unitOf(detail);
  const none = x.map(() => null);
  const entries: LegendEntry[] = [
    { label: "Baseline", mark: "baseline" },
    { label: "Live", mark: "live" },
    detail.kind === "latency_p95"
      ? { label: "Limit", mark: "limit", dashed: true }
      : { label: detail.kind === "ks" ? "Largest gap, D" : "Largest gap", mark: "limit" },
  ];
  const range = xRangeOf(detail);
  const words = (at: number) =>
    `Up to ${format(x[at])}: ${percent(live?.[at])} live, ${percent(baseline?.[at])} baseline`;
  return (
    <ChartFrame
      title="Distribution"
      summary={summaryOf(detail)}
      legend={<Legend entries={entries} />}
      table={() => (
        <DataTable
          caption="Share of values up to x"
          rows={x.map((_, at) => at)}
          keyOf={(at) => at}
          columns={[
            { title: "x", numeric: true, cell: (at) => format(x[at]) },
            { title: "Baseline", numeric: true, cell: (at) => percent(baseline?.[at]) },
            { title: "Live", numeric: true, cell: (at) => percent(live?.[at]) },
          ]}
        />
      )}
    >
      <Plot
        x={x}
        values={[baseline ?? none, live ?? none]}
        series={SERIES}
        xKind="value"
        xFormat={format}
        yFormat={(value) => percent(value, 0)}
        yRange={[0, 1]}
        marks={marksOf(detail)}
        height={400}
        readout={words}
        {...(range ? { range } : {})}
      />
    </ChartFrame>
  );
}
