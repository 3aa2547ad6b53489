// SPDX-License-Identifier: Apache-2.0
import { VERDICT_WORD, type Verdict } from "@/lib/verdict";
import styles from "./VerdictBadge.module.css";

const SHAPE: Record<Verdict, string> = {
  ok: "M3.5 8.5l3 3 6-7",
  fail: "M4 4l8 8M12 4l-8 8",
  insufficient: "M3.5 8h0M8 8h0M12.500 8h0",
};

interface Props {
  state: Verdict;
  large?: boolean;
}

/** A verdict by shape, word and colour. */
export function VerdictBadge({ state, large = false }: Props) {
  return (
    <span className={styles["badge"]} data-state={state} data-large={large || undefined}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPE[state]} />
      </svg>
      {VERDICT_WORD[state]}
    </span>
  );
}
