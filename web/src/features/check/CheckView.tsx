// SPDX-License-Identifier: Apache-2.0
import { alarmOfCheck } from "@/api/alarm";
import { useAlarms, useCheck, useTimeline } from "@/api/queries";
import type { CheckDetail, NamedAlarm } from "@/api/types";
import { AlarmBadge } from "@/components/AlarmBadge";
import { HistoryPicker } from "@/components/HistoryPicker";
import { Loaded } from "@/components/Loaded";
import { Lookback } from "@/components/Lookback";
import { Name } from "@/components/Name";
import { Page } from "@/components/Page";
import { VerdictBadge } from "@/components/VerdictBadge";
import { WindowPicker } from "@/components/WindowPicker";
import { reportAbout } from "@/lib/about";
import { useParameters, useSelection } from "@/lib/address";
import { historyOf, readHistory } from "@/lib/history";
import { link, type Selection } from "@/lib/selection";
import { isolated } from "@/lib/text";
import { checkTitle, ofShape } from "@/lib/verdict";
import { AlarmPanel } from "./AlarmPanel";
import { AlarmView } from "./AlarmView";
import styles from "./CheckView.module.css";
import { Comparison } from "./Comparison";
import { ExamplesPanel } from "./ExamplesPanel";
import { OverTime } from "./OverTime";
import { WherePanel } from "./WherePanel";

/** As many as the service's history has, so that both show the same steps. */
const STEPS = 60;

/** One check, or an alarm that has none. */
export default function CheckView() {
  const selection = useSelection();
  const parameters = useParameters();
  const alarm = parameters.get("alarm");
  return alarm ? (
    <AlarmView selection={selection} name={alarm} />
  ) : (
    <Checked selection={selection} name={parameters.get("check") ?? ""} />
  );
}

/** Its alarm, both sides of the comparison, how it went over time, events from where it drifted. */
function Checked({ selection, name }: { selection: Selection; name: string }) {
  const detail = useCheck(selection, name);
  return (
    <Loaded of={detail} what="The check" height="60vh">
      {(data) => <Filled detail={data} selection={selection} />}
    </Loaded>
  );
}

function Filled({ detail, selection: asked }: { detail: CheckDetail; selection: Selection }) {
  const selection = { ...asked, service: detail.service };
  const { name: check, kind, state, window_minutes } = detail;
  const chosen = readHistory(useParameters().get("history"));
  const history = chosen ?? historyOf(window_minutes);
  const timeline = useTimeline(selection, { minutes: history, steps: STEPS, check });
  const title = checkTitle(check, kind);
  const alarm = useAlarmBeside(detail, selection);
  const failing = state === "fail" ? "✕ " : "";
  const mark = alarm ? (alarm.state === "firing" ? "▲ " : "") : failing;
  return (
    <Page
      title={<Name>{title}</Name>}
      tab={`${mark}${isolated(title)}, ${isolated(detail.service)}`}
      crumbs={[
        { href: link("/", { windowMinutes: selection.windowMinutes }), title: "Overview" },
        { href: link("/service", selection), title: <Name>{detail.service}</Name> },
      ]}
      badge={<Badges alarm={alarm} state={state} />}
      about={<About detail={detail} />}
      tools={
        <>
          <WindowPicker
            minutes={selection.windowMinutes ?? window_minutes}
            href={(windowMinutes) =>
              link("/check", { ...selection, windowMinutes }, { check, history: chosen })
            }
          />
          <HistoryPicker
            minutes={history}
            href={(minutes) => link("/check", selection, { check, history: minutes })}
          />
        </>
      }
    >
      <Lookback selection={selection} view="/check" more={{ check }} />
      {alarm && <AlarmPanel alarm={alarm} service={detail.service} />}
      <p className={styles["sentence"]} data-state={alarm ? undefined : state} dir="auto">
        {detail.summary}
      </p>
      <WherePanel selection={selection} check={check} />
      <Comparison detail={detail} />
      <Loaded of={timeline} what="The history" height="20rem">
        {(data) => <OverTime timeline={data} name={check} kind={kind} />}
      </Loaded>
      {!ofShape(kind) && <ExamplesPanel selection={selection} check={check} />}
    </Page>
  );
}

/** Alarms are of whole services and of now: beside a part or the past there is none. */
function useAlarmBeside({ service, name }: CheckDetail, selection: Selection) {
  const alarms = useAlarms(service).data?.alarms ?? [];
  const part = selection.endpoint ?? selection.host ?? selection.at;
  return part === undefined ? alarmOfCheck(name, alarms) : undefined;
}

function Badges({ alarm, state }: { alarm: NamedAlarm | undefined } & Pick<CheckDetail, "state">) {
  if (!alarm) return <VerdictBadge state={state} large />;
  return (
    <>
      <AlarmBadge state={alarm.state} large />
      <span>
        Single look: <VerdictBadge state={state} quiet />
      </span>
    </>
  );
}

function About({ detail }: { detail: CheckDetail }) {
  return (
    <>
      {reportAbout(detail)}
      {detail.endpoint !== undefined && (
        <>
          {" "}
          Endpoint <Name>{detail.endpoint}</Name>.
        </>
      )}
      {detail.host !== undefined && (
        <>
          {" "}
          Host <Name>{detail.host}</Name>.
        </>
      )}
    </>
  );
}
