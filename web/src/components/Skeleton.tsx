// SPDX-License-Identifier: Apache-2.0
import styles from "./Skeleton.module.css";

/** Holds the place of what is still on its way. */
export function Skeleton({ label, height = "20rem" }: { label: string; height?: string }) {
  return (
    <div className={styles["skeleton"]} role="status" style={{ minHeight: height }}>
      <span>{label}</span>
    </div>
  );
}
