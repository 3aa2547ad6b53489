// SPDX-License-Identifier: Apache-2.0
import type { SuccessRateDetail } from "@/api/types";
import { CategoryBars } from "@/components/CategoryBars";
import { Legend } from "@/components/Legend";
import { Panel } from "@/components/Panel";

const CLASSES = ["2xx", "1xx", "3xx", "4xx", "5xx"] as const;
type Counts = SuccessRateDetail["statuses"]["live"];

function share(counts: Counts | null, name: (typeof CLASSES)[number]): number | null {
  if (!counts) return null;
  const total = CLASSES.reduce((sum, one) => sum + counts[one], 0);
  return total ? counts[name] / total : null;
}

export function Statuses({ detail }: { detail: SuccessRateDetail }) {
  const { live, baseline } = detail.statuses;
  const bars = CLASSES.filter((name) => name === "2xx" || live[name] || baseline?.[name]).map(
    (name) => ({
      name,
      live: share(live, name),
      baseline: share(baseline, name),
    }),
  );
  return (
    <Panel
      title="Statuses"
      aside={
        <Legend
          entries={[
            { label: "Baseline", mark: "baseline" },
            { label: "Live", mark: "live" },
          ]}
        />
      }
    >
      <CategoryBars what="Status" caption="Share of each class of status" bars={bars} />
    </Panel>
  );
}
