// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useActivateBaseline, useRollBack } from "@/api/queries";
import type { BaselineInfo } from "@/api/types";
import { Button } from "@/components/Button";
import { DataTable } from "@/components/DataTable";
import { Dialog } from "@/components/Dialog";
import { Notice } from "@/components/Notice";
import { Panel } from "@/components/Panel";
import { VersionMark } from "@/components/VersionMark";
import { count, counted } from "@/lib/numbers";
import { momentExact, span } from "@/lib/time";

interface Props {
  service: string;
  /** Newest first. */
  versions: readonly BaselineInfo[];
  /** The version that was active before. */
  previous: number | null;
}

/** All versions; each can be made the active one, and the last change taken back. */
export function VersionsPanel({ service, versions, previous }: Props) {
  const [wanted, setWanted] = useState<BaselineInfo | null>(null);
  const activate = useActivateBaseline(service);
  const rollBack = useRollBack(service);
  const active = versions.find((one) => one.active);
  const before = versions.find(({ version }) => version === previous);
  const done = { onSettled: () => setWanted(null) };
  const confirm = () => {
    if (wanted && wanted === before) rollBack.mutate(undefined, done);
    else if (wanted) activate.mutate(wanted, done);
  };
  const error = activate.error ?? rollBack.error;
  return (
    <Panel
      title="Versions"
      aside={
        before && (
          <Button onClick={() => setWanted(before)}>Roll back to version {before.version}</Button>
        )
      }
    >
      {error && (
        <Notice tone="fail" title="The version was not activated.">
          <p>{error.message}</p>
        </Notice>
      )}
      {versions.length === 0 ? (
        <p>There is none yet. Build the first one from a time when all was well.</p>
      ) : (
        <DataTable
          caption={`${counted(versions.length, "version")}, the newest first`}
          rows={versions}
          keyOf={({ version }) => version}
          columns={[
            { title: "Version", cell: ({ version }) => version },
            { title: "State", cell: (one) => <VersionMark active={one.active} /> },
            {
              title: "Change",
              cell: (one) =>
                one.active ? null : (
                  <Button
                    look="quiet"
                    aria-label={`Activate version ${one.version}`}
                    onClick={() => setWanted(one)}
                  >
                    Activate
                  </Button>
                ),
            },
            { title: "From the events of", cell: ({ from, to }) => span(from, to) },
            { title: "Events", numeric: true, cell: ({ samples }) => count(samples) },
            { title: "Built", cell: ({ created_at }) => momentExact(created_at) },
          ]}
        />
      )}
      {wanted && (
        <Dialog
          title={`Make version ${wanted.version} the active baseline?`}
          confirm={`Activate version ${wanted.version}`}
          busy={activate.isPending || rollBack.isPending}
          onConfirm={confirm}
          onCancel={() => setWanted(null)}
        >
          <p>
            {active ? `It replaces version ${active.version}. ` : ""}
            Reports compare with it from then on: {counted(wanted.samples, "event")} from{" "}
            {span(wanted.from, wanted.to)}.
          </p>
          <p>
            No version is deleted; version {active?.version ?? wanted.version} can be activated
            again.
          </p>
        </Dialog>
      )}
    </Panel>
  );
}
