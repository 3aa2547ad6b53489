// SPDX-License-Identifier: Apache-2.0
import { verdictOfReport } from "@/api/check";
import { useAlarms, useReport, useTimeline } from "@/api/queries";
import type { Report } from "@/api/types";
import { AlarmBadge } from "@/components/AlarmBadge";
import { Loaded } from "@/components/Loaded";
import { Lookback } from "@/components/Lookback";
import { Name } from "@/components/Name";
import { Page } from "@/components/Page";
import { VerdictBadge } from "@/components/VerdictBadge";
import { WindowPicker } from "@/components/WindowPicker";
import { useParameters, useSelection } from "@/lib/address";
import { historyOf, readHistory } from "@/lib/history";
import { link, type Selection } from "@/lib/selection";
import { isolated } from "@/lib/text";
import { reportAbout } from "@/lib/about";
import type { Verdict } from "@/lib/verdict";
import { AlarmBand } from "./AlarmBand";
import { AlarmsApart } from "./AlarmsApart";
import { CheckCards } from "./CheckCards";
import { Filters } from "./Filters";
import { GuardBand } from "./GuardBand";
import { HeatPanel } from "./HeatPanel";
import { Obstacles } from "./Obstacles";

const STEPS = 60;

/** One service: its alarms, its checks now, and when each began to fail. */
export default function ServiceView() {
  const selection = useSelection();
  const report = useReport(selection);
  return (
    <Loaded of={report} what="The service" height="60vh">
      {(data) => <Filled report={data} selection={selection} />}
    </Loaded>
  );
}

function Filled({ report, selection: asked }: { report: Report; selection: Selection }) {
  const selection = { ...asked, service: report.service };
  const chosen = readHistory(useParameters().get("history"));
  const history = chosen ?? historyOf(report.window_minutes);
  const timeline = useTimeline(selection, { minutes: history, steps: STEPS });
  const verdict = verdictOfReport(report);
  // A moment of the past has no alarms.
  const { alarm } = report;
  const alarms = useAlarms(report.service).data?.alarms ?? [];
  const failing = verdict === "fail" ? "✕ " : "";
  const mark = alarm ? (alarm.state === "firing" ? "▲ " : "") : failing;
  return (
    <Page
      title={<Name>{report.service}</Name>}
      tab={`${mark}${isolated(report.service)}`}
      crumbs={[{ href: link("/", { windowMinutes: selection.windowMinutes }), title: "Overview" }]}
      badge={<Badges alarm={alarm} verdict={verdict} />}
      about={reportAbout(report)}
      tools={
        <>
          <WindowPicker
            minutes={selection.windowMinutes ?? report.window_minutes}
            href={(windowMinutes) =>
              link("/service", { ...selection, windowMinutes }, { history: chosen })
            }
          />
          <Filters selection={selection} />
        </>
      }
    >
      <Lookback selection={selection} view="/service" />
      <Obstacles report={report} selection={selection} />
      {alarm && <AlarmBand summary={alarm} alarms={alarms} selection={selection} />}
      {alarm && <GuardBand selection={selection} />}
      <CheckCards report={report} selection={selection} timeline={timeline.data} />
      <Loaded of={timeline} what="The history" height="16rem">
        {(data) => <HeatPanel timeline={data} selection={selection} history={history} />}
      </Loaded>
      {alarm && (
        <AlarmsApart
          alarms={alarms}
          checks={Object.keys(report.checks)}
          service={selection.service}
        />
      )}
    </Page>
  );
}

function Badges({ alarm, verdict }: { alarm: Report["alarm"]; verdict: Verdict }) {
  if (!alarm) return <VerdictBadge state={verdict} large />;
  return (
    <>
      <AlarmBadge state={alarm.evaluated_until ? alarm.state : null} large />
      <span>
        Single look: <VerdictBadge state={verdict} quiet />
      </span>
    </>
  );
}
