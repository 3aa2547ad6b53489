// SPDX-License-Identifier: Apache-2.0
import styles from "./Legend.module.css";

export interface LegendEntry {
  label: string;
  mark:
    "live" | "baseline" | "limit" | "live-light" | "live-dark" | "fail-point" | "warn" | "began";
  dashed?: boolean;
}

export function Legend({ entries }: { entries: readonly LegendEntry[] }) {
  return (
    <ul className={styles["legend"]}>
      {entries.map(({ label, mark, dashed }) => (
        <li key={label}>
          <span
            className={styles["mark"]}
            data-mark={mark}
            data-dashed={dashed}
            aria-hidden="true"
          />
          {label}
        </li>
      ))}
    </ul>
  );
}
