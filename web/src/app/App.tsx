// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Crash } from "@/components/Crash";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { OverviewView } from "@/features/overview/OverviewView";
import { StartView } from "@/features/start/StartView";
import { Shell } from "./Shell";

// Charts on a canvas are half of the script; the overview needs none of them.
const ServiceView = lazy(() => import("@/features/service/ServiceView"));
const CheckView = lazy(() => import("@/features/check/CheckView"));
const AlarmsView = lazy(() => import("@/features/alarms/AlarmsView"));
const BaselinesView = lazy(() => import("@/features/baselines/BaselinesView"));

export function App() {
  return (
    <Shell>
      <Crash>
        <Suspense fallback={<Skeleton label="Loading" height="60vh" />}>
          <Switch>
            <Route path="/">
              <OverviewView empty={<StartView />} />
            </Route>
            <Route path="/service">
              <ServiceView />
            </Route>
            <Route path="/check">
              <CheckView />
            </Route>
            <Route path="/alarms">
              <AlarmsView />
            </Route>
            <Route path="/baselines">
              <BaselinesView />
            </Route>
            <Route>
              <Page title="No such page">
                <p>This address leads nowhere. The overview shows every service.</p>
              </Page>
            </Route>
          </Switch>
        </Suspense>
      </Crash>
    </Shell>
  );
}
