// SPDX-License-Identifier: Apache-2.0
import type { SchemaChange } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { Name } from "@/components/Name";
import { Panel } from "@/components/Panel";
import { count, percent, probability } from "@/lib/numbers";

const WHAT: Record<SchemaChange["change"], string> = {
  new: "New field",
  vanished: "Vanished",
  presence: "More or less often there",
  retyped: "Another type",
  new_values: "New values",
};

/** What changed in the shape of events, endpoint by endpoint. */
export function Changes({ changes, omitted }: { changes: SchemaChange[]; omitted: number }) {
  return (
    <Panel title="Changes">
      {changes.length === 0 ? (
        <p>No change of the shape of events.</p>
      ) : (
        <DataTable
          caption="Changes of the shape of events"
          rows={changes}
          keyOf={({ change, endpoint, pointer }) => `${change} ${endpoint ?? ""} ${pointer}`}
          columns={[
            { title: "Field", cell: ({ field }) => <Name>{field}</Name> },
            { title: "Change", cell: (change) => <What change={change} /> },
            { title: "Endpoint", cell: ({ endpoint }) => <Name>{endpoint ?? "all"}</Name> },
            { title: "Baseline", numeric: true, cell: ({ baseline }) => percent(baseline, 2) },
            { title: "Live", numeric: true, cell: ({ live }) => percent(live, 2) },
            { title: "p", numeric: true, cell: ({ p_value }) => probability(p_value) },
          ]}
        />
      )}
      {omitted > 0 && <p>And {count(omitted)} smaller ones.</p>}
    </Panel>
  );
}

function What({ change }: { change: SchemaChange }) {
  const { from_type, to_type, values, fields_within, muted } = change;
  return (
    <>
      {WHAT[change.change]}
      {to_type && `: ${from_type} to ${to_type}`}
      {values?.map(({ name }, place) => (
        <span key={name}>
          {place === 0 ? ": " : ", "}
          <Name>{name}</Name>
        </span>
      ))}
      {fields_within && `, with ${count(fields_within)} within`}
      {muted && " (muted)"}
    </>
  );
}
