// SPDX-License-Identifier: Apache-2.0
import type { CheckDetail } from "@/api/types";
import { Categories } from "./Categories";
import styles from "./CheckView.module.css";
import { EcdfChart } from "./EcdfChart";
import { HistogramChart } from "./HistogramChart";
import { Sides } from "./Sides";
import { Statuses } from "./Statuses";

/** Both sides of a check, in the charts of its kind. */
export function Comparison({ detail }: { detail: CheckDetail }) {
  switch (detail.kind) {
    case "ks":
    case "latency_p95":
      return (
        <div className={styles["charts"]}>
          <EcdfChart detail={detail} />
          <HistogramChart detail={detail} />
          <Sides detail={detail} />
        </div>
      );
    case "psi":
      return (
        <div className={styles["wide"]}>
          <Categories detail={detail} />
          <Sides detail={detail} />
        </div>
      );
    case "success_rate":
      return (
        <div className={styles["wide"]}>
          <Statuses detail={detail} />
          <Sides detail={detail} />
        </div>
      );
  }
}
