// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import type { CategoryPair } from "@/api/types";
import { Button } from "@/components/Button";
import { CategoryBars } from "@/components/CategoryBars";
import { Legend } from "@/components/Legend";
import { Panel } from "@/components/Panel";
import { counted } from "@/lib/numbers";

const REMARK = { new: "New", vanished: "Vanished" } as const;
/** The server's name for all categories that it does not compare one by one. */
const OTHER = "__other__";

/** Rare ones at the end fill a screen and change nothing. */
const SHOWN = 15;

interface Props {
  categories: readonly CategoryPair[];
  omitted: number;
  /** They are bins of numbers. */
  bins?: boolean;
}

export function Categories({ categories, omitted, bins = false }: Props) {
  const [all, setAll] = useState(false);
  const bars = categories.map(({ name, live, baseline, change }) => ({
    name: name === OTHER ? "All others" : name,
    live,
    baseline,
    remark: change ? REMARK[change] : undefined,
  }));
  return (
    <Panel
      title={bins ? "Bins" : "Categories"}
      aside={
        <Legend
          entries={[
            { label: "Baseline", mark: "baseline" },
            { label: "Live", mark: "live" },
          ]}
        />
      }
    >
      <CategoryBars
        caption={`Share of each ${bins ? "bin" : "category"}, the largest change first`}
        bars={all ? bars : bars.slice(0, SHOWN)}
      />
      {!all && bars.length > SHOWN && (
        <p>
          <Button look="quiet" onClick={() => setAll(true)}>
            Show {bars.length - SHOWN} more with smaller changes
          </Button>
        </p>
      )}
      {all && omitted > 0 && (
        <p>{counted(omitted, "more category", "more categories")} compared, but not shown.</p>
      )}
    </Panel>
  );
}
