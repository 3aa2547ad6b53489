// SPDX-License-Identifier: Apache-2.0
import { memo } from "react";
import type { Verdict } from "@/lib/verdict";
import styles from "./Sparkline.module.css";

const HEIGHT = 20;
const FOOT = 4;

/** Bars of the steps that `wanted` picks; a step with events is never less than a pixel high. */
export function barPath(samples: readonly number[], wanted: (step: number) => boolean): string {
  const most = Math.max(1, ...samples);
  let path = "";
  samples.forEach((value, step) => {
    if (value === 0 || !wanted(step)) return;
    const height = Math.max(1, Math.round((value / most) * HEIGHT));
    path += `M${step * 4} ${HEIGHT}v${-height}h3v${height}z`;
  });
  return path;
}

function footPath(states: readonly Verdict[]): string {
  return states
    .map((state, step) => (state === "fail" ? `M${step * 4} ${HEIGHT + FOOT}h3v-3h-3z` : ""))
    .join("");
}

interface Props {
  samples: readonly number[];
  states: readonly Verdict[];
}

/** Events by time as bars; a step that failed has another colour and a mark beneath it. */
export const Sparkline = memo(function Sparkline({ samples, states }: Props) {
  const failed = states.filter((state) => state === "fail").length;
  const label = failed ? `${failed} of ${states.length} steps failing` : "no step failing";
  return (
    <svg
      className={styles["spark"]}
      viewBox={`0 0 ${samples.length * 4 - 1} ${HEIGHT + FOOT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className={styles["bar"]} d={barPath(samples, (step) => states[step] !== "fail")} />
      <path
        className={styles["bad"]}
        d={barPath(samples, (step) => states[step] === "fail") + footPath(states)}
      />
    </svg>
  );
});
