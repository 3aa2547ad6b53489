// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useBuildBaseline } from "@/api/queries";
import type { BaselineInfo } from "@/api/types";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { InputField } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { Panel } from "@/components/Panel";
import { useNow } from "@/lib/clock";
import { counted } from "@/lib/numbers";
import { windowName } from "@/lib/selection";
import { fromLocalInput, MINUTE, rfc3339, span, toLocalInput, zoneName } from "@/lib/time";
import { problemOf, type Range } from "./range";
import { RangeChart } from "./RangeChart";
import styles from "./BuildPanel.module.css";

const PRESETS_MINUTES = [30, 120, 720, 1440, 10080];

interface Props {
  service: string;
  active: BaselineInfo | undefined;
}

/** Builds a version from a picked time; asks first if that replaces the active one. */
export function BuildPanel({ service, active }: Props) {
  const now = useNow();
  const [range, setRange] = useState<Partial<Range>>({});
  const [asking, setAsking] = useState(false);
  const build = useBuildBaseline(service);
  const problem = problemOf(range, now);
  const start = () => {
    setAsking(false);
    if (range.from === undefined || range.to === undefined) return;
    build.mutate({ from: rfc3339(range.from), to: rfc3339(range.to) });
  };
  const preset = (minutes: number) => {
    const to = Math.ceil(now / MINUTE) * MINUTE;
    setRange({ from: to - minutes * MINUTE, to });
  };
  return (
    <Panel title="Build a version" aside={<span>Times in {zoneName()}</span>}>
      <p>From a time when all was well: choose one here, or draw over the chart.</p>
      <div className={styles["controls"]}>
        <div className={styles["presets"]} role="group" aria-label="The last">
          {PRESETS_MINUTES.map((minutes) => (
            <Button key={minutes} onClick={() => preset(minutes)}>
              Last {windowName(minutes)}
            </Button>
          ))}
        </div>
        <Moment label="From" at={range.from} onChange={(from) => setRange({ ...range, from })} />
        <Moment label="To" at={range.to} onChange={(to) => setRange({ ...range, to })} />
        <Button
          look="primary"
          disabled={problem !== undefined || build.isPending}
          onClick={() => (active ? setAsking(true) : start())}
        >
          {build.isPending ? "Building" : "Build"}
        </Button>
      </div>
      {problem && range.from !== undefined && <p role="status">{problem}</p>}
      <RangeChart service={service} range={range} onSelect={setRange} />
      {build.error && (
        <Notice tone="fail" title="No version was built.">
          <p>{build.error.message}</p>
        </Notice>
      )}
      {build.data && (
        <Notice
          title={`Version ${build.data.version} was built from ${counted(build.data.samples, "event")} and is active.`}
        />
      )}
      {asking && active && range.from !== undefined && range.to !== undefined && (
        <Dialog
          title={`Replace the active baseline, version ${active.version}?`}
          confirm="Build and activate"
          onConfirm={start}
          onCancel={() => setAsking(false)}
        >
          <p>
            The new version is built from the events of {span(range.from, range.to)}. Reports
            compare with it at once.
          </p>
          <p>Version {active.version} stays and can be activated again.</p>
        </Dialog>
      )}
    </Panel>
  );
}

function Moment({
  label,
  at,
  onChange,
}: {
  label: string;
  at: number | undefined;
  onChange: (at: number | undefined) => void;
}) {
  return (
    <InputField
      label={label}
      type="datetime-local"
      value={at === undefined ? "" : toLocalInput(at)}
      onChange={(event) => onChange(fromLocalInput(event.target.value))}
    />
  );
}
