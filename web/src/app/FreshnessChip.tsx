// SPDX-License-Identifier: Apache-2.0
import { useFreshness, type Freshness } from "@/api/freshness";
import { useNow } from "@/lib/clock";
import { duration, momentExact } from "@/lib/time";
import styles from "./FreshnessChip.module.css";

function wordsOf(freshness: Freshness, now: number): { text: string; title?: string } {
  switch (freshness.state) {
    case "waiting":
      return { text: "Asking the server" };
    case "live":
      return {
        text: `Updated ${duration(now - freshness.updatedAt)} ago`,
        title: momentExact(freshness.updatedAt),
      };
    case "away":
      return {
        text: freshness.updatedAt
          ? `Server away. Last data ${duration(now - freshness.updatedAt)} ago`
          : "Server away",
        title: freshness.reason,
      };
  }
}

/** How old what is on screen is. Only a change of state is read out, not each second. */
export function FreshnessChip() {
  const freshness = useFreshness();
  const { text, title } = wordsOf(freshness, useNow());
  return (
    <>
      <span className={styles["chip"]} data-state={freshness.state} title={title}>
        <span className={styles["dot"]} aria-hidden="true" />
        {text}
      </span>
      <span role="status" className="visually-hidden">
        {freshness.state === "away" ? `The server is away. ${freshness.reason}` : ""}
      </span>
    </>
  );
}
