// SPDX-License-Identifier: Apache-2.0
import { useTimeline } from "@/api/queries";
import { useParameters } from "@/lib/address";
import type { Timeline } from "@/api/types";
import { ChartFrame } from "@/components/ChartFrame";
import { DataTable } from "@/components/DataTable";
import { HistoryPicker } from "@/components/HistoryPicker";
import { Loaded } from "@/components/Loaded";
import { Plot } from "@/components/Plot";
import type { Mark } from "@/components/plotOptions";
import { readHistory } from "@/lib/history";
import { count, shortCount } from "@/lib/numbers";
import { link } from "@/lib/selection";
import { millis, SECOND, span } from "@/lib/time";
import { eventsIn, wholeMinutes, type Range } from "./range";

const STEPS = 200;
const HISTORY_MINUTES = 1440;

interface Props {
  service: string;
  range: Partial<Range>;
  onSelect: (range: Range) => void;
}

/** When events came, to draw the range over. */
export function RangeChart(props: Props) {
  const minutes = readHistory(useParameters().get("history")) ?? HISTORY_MINUTES;
  // One check is enough: it is the events that count here.
  const timeline = useTimeline(
    { service: props.service },
    { minutes, steps: STEPS, check: "success_rate" },
  );
  return (
    <Loaded of={timeline} what="Events over time" height="16rem">
      {(data) => <Chart {...props} timeline={data} minutes={minutes} />}
    </Loaded>
  );
}

function marksOf({ from, to }: Partial<Range>): Mark[] {
  return [
    ...(from === undefined
      ? []
      : [{ x: from / SECOND, label: "from", colour: "--limit" } as const]),
    ...(to === undefined ? [] : [{ x: to / SECOND, label: "to", colour: "--limit" } as const]),
  ];
}

function Chart({
  service,
  range,
  onSelect,
  timeline,
  minutes,
}: Props & { timeline: Timeline; minutes: number }) {
  const { samples, step_seconds } = timeline;
  const begin = millis(timeline.from);
  const stepMs = step_seconds * SECOND;
  // A step reaches to the next one's begin, so the end of the last one is a point too.
  const seconds = [...samples, 0].map((_, step) => begin / SECOND + step * step_seconds);
  const last = samples.length - 1;
  const stepName = (step: number) => span(begin + step * stepMs, begin + (step + 1) * stepMs);
  const { from, to } = range;
  const chosen =
    from !== undefined && to !== undefined
      ? Math.round(eventsIn({ from, to }, begin, stepMs, samples))
      : undefined;
  return (
    <ChartFrame
      title="Events over time"
      summary={
        chosen === undefined
          ? "Events in each step."
          : `About ${count(chosen)} events in the chosen time, as far as it is in this chart.`
      }
      aside={
        <HistoryPicker
          inline
          minutes={minutes}
          href={(history) => link("/baselines", { service }, { history })}
        />
      }
      table={() => (
        <DataTable
          caption="Events over time, the latest first"
          rows={samples.map((_, step) => step).reverse()}
          keyOf={(step) => step}
          columns={[
            { title: "Step", cell: stepName },
            { title: "Events", numeric: true, cell: (step) => count(samples[step]) },
          ]}
        />
      )}
    >
      <Plot
        x={seconds}
        values={[[...samples, samples[last] ?? null]]}
        series={[
          { label: "Events", colour: "--live", fill: "--live-soft", shape: "steps", width: 1.5 },
        ]}
        xKind="time"
        height={160}
        yFormat={shortCount}
        marks={marksOf(range)}
        readout={(point) => {
          const step = Math.min(point, last);
          return `${stepName(step)}: ${count(samples[step])} events`;
        }}
        onSelect={(left, right) => onSelect(wholeMinutes(left * SECOND, right * SECOND))}
      />
    </ChartFrame>
  );
}
