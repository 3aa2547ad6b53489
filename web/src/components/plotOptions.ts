// SPDX-License-Identifier: Apache-2.0
import uPlot from "uplot";
import { tokenColour, type Token } from "@/lib/colour";
import { significant } from "@/lib/numbers";
import { DAY, moment } from "@/lib/time";
import { decadeSplits, yScale, type YLook } from "./plotScale";

export interface PlotSeries {
  label: string;
  colour: Token;
  width?: number;
  dash?: number[];
  fill?: Token;
  shape?: "line" | "steps" | "points";
}

/** A line drawn over the chart: across it at x or y, or from y1 to y2 at x. */
export interface Mark {
  x?: number;
  y?: number;
  between?: [number, number];
  label?: string;
  colour: Token;
}

export interface PlotLook extends YLook {
  series: readonly PlotSeries[];
  /** Moments in seconds, or plain values. */
  xKind: "time" | "value";
  range?: [number, number];
  yFormat?: (value: number) => string;
  xFormat?: (value: number) => string;
  marks?: readonly Mark[];
}

interface Hooks {
  setIndex: (index: number | null) => void;
  select: ((from: number, to: number) => void) | undefined;
}

const FONT = '12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

function timeLabels(splits: number[]): string[] {
  const texts = splits.map((second) => moment(second * 1000, second * 1000));
  const daily = splits.length > 1 && ((splits[1] ?? 0) - (splits[0] ?? 0)) * 1000 >= DAY;
  return splits.map((second, place) => {
    const text = texts[place] ?? "";
    // Midnight is said by its day.
    const elsewhere = moment(second * 1000, 0)
      .replace(/ \d{4}/, "")
      .replace(/ \d\d:\d\d$/, "");
    return daily || text === "00:00" ? elsewhere : text;
  });
}

function axis(element: HTMLElement, values: (splits: number[]) => string[]): uPlot.Axis {
  const grid = tokenColour(element, "--grid");
  return {
    stroke: tokenColour(element, "--muted"),
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
    gap: 4,
    values: (_, splits) => values(splits),
  };
}

function seriesOf(element: HTMLElement, look: PlotSeries): uPlot.Series {
  const stroke = tokenColour(element, look.colour);
  const points = look.shape === "points";
  return {
    label: look.label,
    stroke: points ? "transparent" : stroke,
    width: look.width ?? 2,
    ...(look.dash ? { dash: look.dash } : {}),
    ...(look.fill ? { fill: tokenColour(element, look.fill) } : {}),
    ...(look.shape === "steps" && uPlot.paths.stepped
      ? { paths: uPlot.paths.stepped({ align: 1 }) }
      : {}),
    points: points
      ? { show: true, size: 8, stroke, fill: stroke }
      : { show: (u, place) => lonely(u, place), size: 5, fill: stroke },
  };
}

/** A value with no neighbours would not be seen: a line needs two. */
function lonely(u: uPlot, place: number): boolean {
  const values = u.data[place] ?? [];
  return values.some(
    (value, at) => value != null && values[at - 1] == null && values[at + 1] == null,
  );
}

interface Stroke {
  from: [number, number];
  to: [number, number];
}

/** Where a mark's line runs, in the canvas's own pixels. */
function strokeOf({ x, y, between }: Mark, u: uPlot): Stroke {
  const { left, top, width, height } = u.bbox;
  const down = (value: number) => u.valToPos(value, "y", true);
  if (y !== undefined) return { from: [left, down(y)], to: [left + width, down(y)] };
  const across = x === undefined ? left : u.valToPos(x, "x", true);
  const [begin, end] = between ? [down(between[0]), down(between[1])] : [top, top + height];
  return { from: [across, begin], to: [across, end] };
}

/** A mark's label stands beside its line, on the side with more room. */
function labelMark(u: uPlot, { label }: Mark, { from, to }: Stroke, ground: string): void {
  if (!label) return;
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const right = from[0] > bbox.left + bbox.width * 0.6;
  ctx.font = FONT.replace("12px", `600 ${12 * ratio}px`);
  ctx.textAlign = right ? "right" : "left";
  ctx.textBaseline = "middle";
  const place = [from[0] + (right ? -8 : 8) * ratio, (from[1] + to[1]) / 2] as const;
  // Its own ground, so that no curve runs through it.
  ctx.setLineDash([]);
  ctx.lineWidth = 5 * ratio;
  ctx.strokeStyle = ground;
  ctx.strokeText(label, ...place);
  ctx.fillText(label, ...place);
}

function drawMark(u: uPlot, element: HTMLElement, mark: Mark): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const stroke = strokeOf(mark, u);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = tokenColour(element, mark.colour);
  ctx.lineWidth = (mark.between ? 3 : 1.5) * ratio;
  ctx.setLineDash(mark.between ? [] : [6 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(...stroke.from);
  ctx.lineTo(...stroke.to);
  ctx.stroke();
  labelMark(u, mark, stroke, tokenColour(element, "--surface"));
  ctx.restore();
}

export function plotOptions(
  element: HTMLElement,
  look: PlotLook,
  size: { width: number; height: number },
  { setIndex, select }: Hooks,
): uPlot.Options {
  const { range, series, marks = [], xKind, xFormat = significant, yFormat = significant } = look;
  const { yDecades } = look;
  return {
    ...size,
    legend: { show: false },
    padding: [10, 12, 0, 0],
    cursor: {
      y: false,
      drag: { x: select !== undefined, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: {
      x: { time: xKind === "time", ...(range ? { range } : {}) },
      y: yScale(look),
    },
    axes: [
      {
        ...axis(
          element,
          xKind === "time" ? timeLabels : (splits) => splits.map((value) => xFormat(value)),
        ),
        space: 60,
        size: 28,
      },
      {
        ...axis(element, (splits) => splits.map((value) => yFormat(value))),
        ...(yDecades
          ? { splits: decadeSplits(yDecades), filter: (_: uPlot, all: number[]) => all }
          : {}),
        size: 56,
        space: 36,
      },
    ],
    series: [{}, ...series.map((one) => seriesOf(element, one))],
    hooks: {
      draw: [(u) => marks.forEach((mark) => drawMark(u, element, mark))],
      setCursor: [
        (u) =>
          setIndex(
            u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null,
          ),
      ],
      ...(select
        ? {
            setSelect: [
              (u: uPlot) => {
                const { left, width } = u.select;
                if (width > 2) select(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
              },
            ],
          }
        : {}),
    },
  };
}
