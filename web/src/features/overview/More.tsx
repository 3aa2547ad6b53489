// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { Overview } from "@/api/types";
import { count, counted } from "@/lib/numbers";
import { overviewLink, ROWS_MAX, type OverviewChoice } from "./choice";
import styles from "./ServiceTable.module.css";

/** Says how many services are not shown, and shows them. */
export function More({ data, choice }: { data: Overview; choice: OverviewChoice }) {
  const shown = data.services.length;
  if (shown >= data.matched) return null;
  return (
    <p className={styles["rest"]}>
      The {count(shown)} most troubled of {counted(data.matched, "service")}.{" "}
      {choice.rows < ROWS_MAX && (
        <Link href={overviewLink(choice, { rows: ROWS_MAX })}>
          Show {data.matched > ROWS_MAX ? `the first ${count(ROWS_MAX)}` : "all"}
        </Link>
      )}
    </p>
  );
}
