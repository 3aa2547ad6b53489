// SPDX-License-Identifier: Apache-2.0
import type { Overview } from "@/api/types";
import { Segments } from "@/components/Segments";
import { count } from "@/lib/numbers";
import { VERDICT_WORD, type Verdict } from "@/lib/verdict";
import { overviewLink, type OverviewChoice } from "./choice";

const ORDER: readonly (Verdict | undefined)[] = [undefined, "fail", "ok", "insufficient"];

/** How many services are in which state; each number shows only those. */
export function Totals({ totals, choice }: { totals: Overview["totals"]; choice: OverviewChoice }) {
  const segments = ORDER.map((state) => ({
    key: state ?? "all",
    label: `${state ? VERDICT_WORD[state] : "All"} ${count(state ? totals[state] : totals.services)}`,
    href: overviewLink(choice, { state }),
    current: choice.state === state,
  }));
  return <Segments label="Services" segments={segments} />;
}
