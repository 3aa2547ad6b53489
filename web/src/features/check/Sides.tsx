// SPDX-License-Identifier: Apache-2.0
import type { CheckDetail } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { Panel } from "@/components/Panel";
import { sideRows, verdictLine } from "./sideRows";

/** The figures of both sides, and by what the verdict was reached. */
export function Sides({ detail }: { detail: CheckDetail }) {
  return (
    <Panel title="Figures">
      <p>{verdictLine(detail)}</p>
      <DataTable
        caption="Figures of both sides"
        rows={sideRows(detail)}
        keyOf={({ title }) => title}
        columns={[
          { title: "Figure", cell: ({ title }) => title },
          { title: "Baseline", numeric: true, cell: ({ baseline }) => baseline },
          { title: "Live", numeric: true, cell: ({ live }) => live },
        ]}
      />
    </Panel>
  );
}
