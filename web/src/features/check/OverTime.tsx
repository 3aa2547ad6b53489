// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import type { Timeline } from "@/api/types";
import { milliseconds, percent } from "@/lib/numbers";
import { isolated } from "@/lib/text";
import { millis } from "@/lib/time";
import { checkFigure, checkTitle, VALUE_NAME, type CheckKind } from "@/lib/verdict";
import styles from "./CheckView.module.css";
import { TimeChart } from "./TimeChart";

const LEAST_THAT_FAILS = "the least that fails with so many values";
const LIMIT_WORDS: Partial<Record<CheckKind, string>> = {
  ks: LEAST_THAT_FAILS,
  psi: "its limit",
  chisquare: LEAST_THAT_FAILS,
  cramer_von_mises: LEAST_THAT_FAILS,
  jensenshannon: "its limit",
  hellinger: "its limit",
  tvd: "its limit",
  wasserstein: "its limit",
  missing: "the most that is no change",
  type: "the most that is no change",
  schema: "the most that does not fail",
};

interface Props {
  timeline: Timeline;
  name: string;
  kind: CheckKind;
}

/** The statistic with its limit, the latencies and the success rate, step by step. */
export function OverTime({ timeline, name, kind }: Props) {
  const { step_seconds, steps, from } = timeline;
  const grid = useMemo(
    () => ({
      step: step_seconds,
      seconds: Array.from(
        { length: steps },
        (_, step) => millis(from) / 1000 + step * step_seconds,
      ),
    }),
    [from, steps, step_seconds],
  );
  const check = timeline.checks.find((one) => one.name === name);
  const latencyMax = Array.from({ length: steps }, () => timeline.latency.max);
  const successMin = Array.from({ length: steps }, () => timeline.success_rate.min);
  return (
    <div className={styles["charts"]}>
      {check && LIMIT_WORDS[kind] && (
        <TimeChart
          title={`${VALUE_NAME[kind]} over time`}
          about={`${VALUE_NAME[kind]} of ${isolated(checkTitle(name, kind))} in each step, and ${LIMIT_WORDS[kind]}.`}
          empty="There is nothing to compare in any step."
          grid={grid}
          states={check.states}
          format={(value) => checkFigure(kind, value)}
          lines={[
            { label: VALUE_NAME[kind], mark: "live", values: check.values },
            { label: "Limit", mark: "limit", values: check.limits },
          ]}
        />
      )}
      <TimeChart
        title="Latency over time"
        about="Percentiles of duration in each step."
        empty="No event of this time says how long it took."
        grid={grid}
        format={milliseconds}
        lines={[
          { label: "p50", mark: "live-light", values: timeline.latency.p50 },
          { label: "p95", mark: "live", values: timeline.latency.p95 },
          { label: "p99", mark: "live-dark", values: timeline.latency.p99 },
          { label: "Limit of p95", mark: "limit", values: latencyMax },
        ]}
      />
      <TimeChart
        title="Success rate over time"
        about="Share of 2xx in each step."
        empty="No event of this time has a status."
        grid={grid}
        format={(value) => percent(value, 2)}
        yRange={[null, 1]}
        lines={[
          { label: "Success rate", mark: "live", values: timeline.success_rate.values },
          { label: "Limit", mark: "limit", values: successMin },
        ]}
      />
    </div>
  );
}
