// SPDX-License-Identifier: Apache-2.0
import type { CheckDetail, QualityDetail, SchemaDetail } from "@/api/types";
import { Categories } from "./Categories";
import { Changes } from "./Changes";
import styles from "./CheckView.module.css";
import { EcdfChart } from "./EcdfChart";
import { HistogramChart } from "./HistogramChart";
import { isNumeric, type Numeric } from "./numeric";
import { Sides } from "./Sides";
import { Statuses } from "./Statuses";

/** Both sides of a check, in the charts of its kind. */
export function Comparison({ detail }: { detail: CheckDetail }) {
  if (isNumeric(detail)) return <Distributions detail={detail} />;
  switch (detail.kind) {
    case "psi":
      return (
        <div className={styles["wide"]}>
          <Categories
            categories={detail.categories}
            omitted={detail.categories_omitted}
            bins={detail.check.edges !== undefined}
          />
          <Sides detail={detail} />
        </div>
      );
    case "chisquare":
    case "jensenshannon":
    case "hellinger":
    case "tvd":
      return (
        <div className={styles["wide"]}>
          <Categories
            categories={detail.categories ?? []}
            omitted={detail.categories_omitted ?? 0}
          />
          <Sides detail={detail} />
        </div>
      );
    case "missing":
    case "type":
    case "schema":
      return (
        <div className={styles["wide"]}>
          <Changes changes={detail.check.changes} omitted={omittedOf(detail)} />
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
    default:
      return null;
  }
}

function omittedOf(detail: QualityDetail | SchemaDetail): number {
  return detail.kind === "schema" ? detail.check.changes_omitted : 0;
}

function Distributions({ detail }: { detail: Numeric }) {
  const bins = "categories" in detail ? detail.categories : undefined;
  return (
    <div className={styles["charts"]}>
      <EcdfChart detail={detail} />
      <HistogramChart detail={detail} />
      {bins && <Categories categories={bins} omitted={0} bins />}
      <Sides detail={detail} />
    </div>
  );
}
