// SPDX-License-Identifier: Apache-2.0
import { useLocation } from "wouter";
import { checksByTrouble } from "@/api/check";
import { changeOf, valueOf } from "@/api/checkWords";
import { useComparison } from "@/api/queries";
import type { BaselineInfo, Report } from "@/api/types";
import { ChangeWords } from "@/components/ChangeWords";
import { DataTable } from "@/components/DataTable";
import { SelectField } from "@/components/Field";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { Panel } from "@/components/Panel";
import { VerdictBadge } from "@/components/VerdictBadge";
import { useParameters } from "@/lib/address";
import { link } from "@/lib/selection";
import { checkFigure, checkTitle, VALUE_NAME } from "@/lib/verdict";
import styles from "./BuildPanel.module.css";

interface Props {
  service: string;
  /** Newest first, two at least. */
  versions: readonly BaselineInfo[];
}

/** Two versions, the second as if it were live traffic. */
export function ComparePanel({ service, versions }: Props) {
  const parameters = useParameters();
  const [, navigate] = useLocation();
  const pick = (name: string, otherwise: number) => {
    const value = Number(parameters.get(name));
    return versions.some(({ version }) => version === value) ? value : otherwise;
  };
  const from = pick("from", versions[1]?.version ?? 1);
  const to = pick("to", versions[0]?.version ?? 1);
  const go = (change: { from?: number; to?: number }) =>
    navigate(link("/baselines", { service }, { from, to, ...change }), { replace: true });
  const options = versions.map(({ version, active }) => (
    <option
      key={version}
      value={version}
    >{`Version ${version}${active ? " (active)" : ""}`}</option>
  ));
  return (
    <Panel title="Compare two versions">
      <div className={styles["controls"]}>
        <SelectField
          label="Baseline"
          value={from}
          onChange={(event) => go({ from: Number(event.target.value) })}
        >
          {options}
        </SelectField>
        <SelectField
          label="Against it"
          value={to}
          onChange={(event) => go({ to: Number(event.target.value) })}
        >
          {options}
        </SelectField>
      </div>
      {from === to ? (
        <p>Choose two different versions.</p>
      ) : (
        <Difference service={service} from={from} to={to} />
      )}
    </Panel>
  );
}

function Difference({ service, from, to }: { service: string; from: number; to: number }) {
  const comparison = useComparison(service, from, to);
  return (
    <Loaded of={comparison} what="The comparison" height="10rem">
      {(report) => <Checks report={report} caption={`Version ${to} against version ${from}`} />}
    </Loaded>
  );
}

function Checks({ report, caption }: { report: Report; caption: string }) {
  return (
    <DataTable
      caption={caption}
      whole
      rows={checksByTrouble(report)}
      keyOf={({ name }) => name}
      columns={[
        { title: "Check", cell: ({ name, kind }) => <Name>{checkTitle(name, kind)}</Name> },
        { title: "Verdict", cell: ({ state }) => <VerdictBadge state={state} /> },
        {
          title: "Value",
          cell: (check) => `${VALUE_NAME[check.kind]} ${checkFigure(check.kind, valueOf(check))}`,
        },
        { title: "Change", cell: (check) => <ChangeWords change={changeOf(check)} /> },
      ]}
    />
  );
}
