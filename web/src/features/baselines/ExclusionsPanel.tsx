// SPDX-License-Identifier: Apache-2.0
import { useExclusions } from "@/api/queries";
import type { Exclusion } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { Panel } from "@/components/Panel";
import { counted } from "@/lib/numbers";
import { momentExact, span } from "@/lib/time";

/** What baselines leave out; nothing is shown while that is nothing. */
export function ExclusionsPanel({ service }: { service: string }) {
  const exclusions = useExclusions(service).data?.exclusions ?? [];
  if (exclusions.length === 0) return null;
  return (
    <Panel title="Left out">
      <DataTable<Exclusion>
        caption={`${counted(exclusions.length, "stretch", "stretches")} that no baseline is made of`}
        rows={exclusions}
        keyOf={({ id }) => id}
        columns={[
          { title: "When", cell: ({ from, to }) => span(from, to) },
          { title: "Why", cell: ({ reason }) => reason || "not said" },
          { title: "Added", cell: ({ created_at }) => momentExact(created_at) },
        ]}
      />
    </Panel>
  );
}
