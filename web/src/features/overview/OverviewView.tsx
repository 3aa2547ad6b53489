// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { useOverview } from "@/api/queries";
import type { Overview } from "@/api/types";
import { Loaded } from "@/components/Loaded";
import { Page } from "@/components/Page";
import { WindowPicker } from "@/components/WindowPicker";
import { counted } from "@/lib/numbers";
import { link, windowName } from "@/lib/selection";
import { MINUTE, millis, span } from "@/lib/time";
import { useOverviewChoice, type OverviewChoice } from "./choice";
import { More } from "./More";
import { ServiceSearch } from "./ServiceSearch";
import { ServiceTable } from "./ServiceTable";
import { Totals } from "./Totals";

/** Every service, the one in trouble first. Without any, `empty` says how to begin. */
export function OverviewView({ empty }: { empty: ReactNode }) {
  const choice = useOverviewChoice();
  const overview = useOverview(choice.query);
  return (
    <Loaded of={overview} what="The overview" height="60vh">
      {(data) => (data.totals.services === 0 ? empty : <Filled data={data} choice={choice} />)}
    </Loaded>
  );
}

function tabTitle({ firing }: Overview["totals"]): string {
  return firing ? `▲ ${firing} firing` : "✓ Overview";
}

function Filled({ data, choice }: { data: Overview; choice: OverviewChoice }) {
  const to = millis(data.generated_at);
  const about = `Events from ${span(to - data.window_minutes * MINUTE, to)} (${windowName(data.window_minutes)}) against each service's baseline; ${counted(data.totals.endpoints, "endpoint")} in all.`;
  return (
    <Page
      title="Overview"
      tab={tabTitle(data.totals)}
      about={about}
      tools={
        <>
          <Totals totals={data.totals} choice={choice} />
          <WindowPicker
            minutes={choice.windowMinutes ?? data.window_minutes}
            href={(windowMinutes) =>
              link("/", { windowMinutes }, { q: choice.q, state: choice.state })
            }
          />
          <ServiceSearch choice={choice} />
        </>
      }
    >
      <ServiceTable data={data} windowMinutes={choice.windowMinutes} />
      <More data={data} choice={choice} />
    </Page>
  );
}
