// SPDX-License-Identifier: Apache-2.0
import { useCheck, useTimeline } from "@/api/queries";
import type { CheckDetail } from "@/api/types";
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
import { checkTitle } from "@/lib/verdict";
import styles from "./CheckView.module.css";
import { Comparison } from "./Comparison";
import { ExamplesPanel } from "./ExamplesPanel";
import { OverTime } from "./OverTime";

/** As many as the service's history has, so that both show the same steps. */
const STEPS = 60;

/** One check: both sides of the comparison, how it went over time, events from where it drifted. */
export default function CheckView() {
  const selection = useSelection();
  const name = useParameters().get("check") ?? "";
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
  return (
    <Page
      title={<Name>{title}</Name>}
      tab={`${state === "fail" ? "✕ " : ""}${isolated(title)}, ${isolated(detail.service)}`}
      crumbs={[
        { href: link("/", { windowMinutes: selection.windowMinutes }), title: "Overview" },
        { href: link("/service", selection), title: <Name>{detail.service}</Name> },
      ]}
      badge={<VerdictBadge state={state} large />}
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
      <p className={styles["sentence"]} data-state={state} dir="auto">
        {detail.summary}
      </p>
      <Comparison detail={detail} />
      <Loaded of={timeline} what="The history" height="20rem">
        {(data) => <OverTime timeline={data} name={check} kind={kind} />}
      </Loaded>
      <ExamplesPanel selection={selection} check={check} />
    </Page>
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
