// SPDX-License-Identifier: Apache-2.0
import { useEffect, useEffectEvent, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useShade } from "@/lib/theme";
import { plotOptions, type PlotLook } from "./plotOptions";
import styles from "./Plot.module.css";

interface Props extends PlotLook {
  x: readonly number[];
  /** One row of values a series of `series`; null where there is none. */
  values: readonly (readonly (number | null)[])[];
  height?: number;
  /** What the pointer is at, in words. */
  readout: (index: number) => string;
  /** Said while the pointer is elsewhere. */
  hint?: string;
  /** The stretch of x a person has drawn over. */
  onSelect?: (from: number, to: number) => void;
}

/** Lines on a canvas, by uPlot. What they say stands in a line beneath, for the pointer's place. */
export function Plot({
  x,
  values,
  height = 220,
  readout,
  hint = "Point at the chart to read it.",
  onSelect,
  ...look
}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const shade = useShade();
  const data = [x, ...values] as unknown as uPlot.AlignedData;
  const shape = JSON.stringify([
    look.series,
    look.xKind,
    look.marks,
    look.range,
    look.yRange,
    look.yDecades,
    height,
    shade,
  ]);

  const select = useEffectEvent((from: number, to: number) => onSelect?.(from, to));
  const create = useEffectEvent((element: HTMLElement) => {
    const options = plotOptions(
      element,
      look,
      { width: element.clientWidth, height },
      {
        setIndex,
        select: onSelect ? select : undefined,
      },
    );
    return new uPlot(options, data, element);
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = create(element);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: made.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  const update = useEffectEvent(() => plot.current?.setData(data));
  const content = JSON.stringify(data);
  useEffect(() => update(), [content]);

  const shown = index !== null && index < x.length ? readout(index) : hint;
  return (
    <div className={styles["plot"]}>
      <div ref={box} style={{ height }} />
      <p className={styles["readout"]} aria-hidden="true">
        {shown || "\u00a0"}
      </p>
    </div>
  );
}
