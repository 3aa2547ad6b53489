// SPDX-License-Identifier: Apache-2.0
import type { Histogram } from "@/api/types";
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { Legend, type LegendEntry } from "@/components/Legend";
import { Plot } from "@/components/Plot";
import type { Mark, PlotSeries } from "@/components/plotOptions";
import { percent } from "@/lib/numbers";
import { unitOf, xRangeOf, type Numeric } from "./numeric";

const SERIES: readonly PlotSeries[] = [
  { label: "Baseline", colour: "--baseline", fill: "--baseline-soft", shape: "steps" },
  { label: "Live", colour: "--live", shape: "steps", width: 2.5 },
];
const LEGEND: readonly LegendEntry[] = [
  { label: "Baseline", mark: "baseline" },
  { label: "Live", mark: "live" },
];

function beyond({ below, above }: Histogram, first: string, last: string): string {
  const parts = [
    below.live || below.baseline
      ? `below ${first}: ${percent(below.live)} live, ${percent(below.baseline)} baseline`
      : "",
    above.live || above.baseline
      ? `above ${last}: ${percent(above.live)} live, ${percent(above.baseline)} baseline`
      : "",
  ].filter(Boolean);
  return parts.length ? ` Not drawn, ${parts.join("; ")}.` : "";
}

/** The share of values in each of the same bins, both sides. */
export function HistogramChart({ detail }: { detail: Numeric }) {
  const { histogram } = detail;
  if (!histogram) return null;
  const { edges, live, baseline } = histogram;
  const format = unitOf(detail);
  const bins = edges.slice(0, -1).map((_, bin) => bin);
  // A bin's step reaches to the next edge, so the last edge repeats the last bin.
  const steps = (shares: number[] | null) =>
    edges.map((_, bin) => shares?.[Math.min(bin, bins.length - 1)] ?? null);
  const binName = (bin: number) => `${format(edges[bin])} to ${format(edges[bin + 1])}`;
  const marks: Mark[] =
    detail.kind === "latency_p95"
      ? [{ x: detail.check.max, label: "limit", colour: "--limit" }]
      : [];
  const range = xRangeOf(detail);
  return (
    <ChartFrame
      title="Histogram"
      summary={`Share of values in ${bins.length} equal bins.${beyond(histogram, format(edges[0]), format(edges[edges.length - 1]))}`}
      legend={<Legend entries={LEGEND} />}
      table={() => (
        <DataTable
          caption="Share of values in each bin"
          rows={bins}
          keyOf={(bin) => bin}
          columns={[
            { title: "Bin", cell: binName },
            { title: "Baseline", numeric: true, cell: (bin) => percent(baseline?.[bin]) },
            { title: "Live", numeric: true, cell: (bin) => percent(live?.[bin]) },
          ]}
        />
      )}
    >
      <Plot
        x={edges}
        values={[steps(baseline), steps(live)]}
        series={SERIES}
        xKind="value"
        height={400}
        xFormat={format}
        yFormat={(value) => percent(value, 1)}
        marks={marks}
        readout={(at) => {
          const bin = Math.min(at, bins.length - 1);
          return `${binName(bin)}: ${percent(live?.[bin])} live, ${percent(baseline?.[bin])} baseline`;
        }}
        {...(range ? { range } : {})}
      />
    </ChartFrame>
  );
}
