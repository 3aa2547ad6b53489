// SPDX-License-Identifier: Apache-2.0
import { checksByTrouble } from "@/api/check";
import type { Report, Timeline } from "@/api/types";
import { onset } from "@/lib/onset";
import { link, type Selection } from "@/lib/selection";
import { millis, SECOND } from "@/lib/time";
import { CheckCard } from "./CheckCard";
import styles from "./CheckCards.module.css";

interface Props {
  report: Report;
  selection: Selection;
  timeline: Timeline | undefined;
}

/** When the failing of now began, by the history on screen. */
function beganAt(
  timeline: Timeline | undefined,
  name: string,
): { at: number; before: boolean } | undefined {
  const check = timeline?.checks.find((one) => one.name === name);
  const step = check && onset(check.states);
  if (!timeline || step === undefined) return undefined;
  return { at: millis(timeline.from) + step * timeline.step_seconds * SECOND, before: step === 0 };
}

export function CheckCards({ report, selection, timeline }: Props) {
  return (
    <section aria-label="Checks">
      <h2 className="visually-hidden">Checks</h2>
      <ul className={styles["cards"]}>
        {checksByTrouble(report).map((check) => (
          <CheckCard
            key={check.name}
            check={check}
            href={link("/check", selection, { check: check.name })}
            began={check.state === "fail" ? beganAt(timeline, check.name) : undefined}
          />
        ))}
      </ul>
    </section>
  );
}
