// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { Overview } from "@/api/types";
import { AlarmBadge } from "@/components/AlarmBadge";
import { Segments } from "@/components/Segments";
import { count, counted } from "@/lib/numbers";
import { link } from "@/lib/selection";
import { VERDICT_WORD, type Verdict } from "@/lib/verdict";
import { overviewLink, type OverviewChoice } from "./choice";
import styles from "./ServiceTable.module.css";

const ORDER: readonly (Verdict | undefined)[] = [undefined, "fail", "ok", "insufficient"];

/** How many services have an alarm, and how many are in which state; each number shows those. */
export function Totals({ totals, choice }: { totals: Overview["totals"]; choice: OverviewChoice }) {
  const segments = ORDER.map((state) => ({
    key: state ?? "all",
    label: `${state ? VERDICT_WORD[state] : "All"} ${count(state ? totals[state] : totals.services)}`,
    href: overviewLink(choice, { state }),
    current: choice.state === state,
  }));
  return (
    <>
      <Firing services={totals.firing} />
      <Segments label="Services by a single look" segments={segments} />
    </>
  );
}

function Firing({ services }: { services: number }) {
  return (
    <div className={styles["firing"]}>
      <span className={styles["more"]}>Alarms</span>
      <p>
        {services > 0 ? (
          <>
            <AlarmBadge state="firing" />
            <Link href={link("/alarms")}>{counted(services, "service")}</Link>
          </>
        ) : (
          "None fires"
        )}
      </p>
    </div>
  );
}
