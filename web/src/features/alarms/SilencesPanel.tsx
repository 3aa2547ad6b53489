// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useEndSilence, useSilences } from "@/api/queries";
import type { Silence } from "@/api/types";
import { Button } from "@/components/Button";
import { DataTable } from "@/components/DataTable";
import { Dialog } from "@/components/Dialog";
import { Panel } from "@/components/Panel";
import { counted } from "@/lib/numbers";
import { isolated } from "@/lib/text";
import { momentExact } from "@/lib/time";
import { SilenceDialog } from "./SilenceDialog";
import { WhoField } from "./WhoField";

/** Ended ones that are worth a line: who silenced what, lately. */
const ENDED_SHOWN = 10;

/** What is silenced, and was; silences are begun and ended here. */
export function SilencesPanel({ service }: { service: string }) {
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Silence | null>(null);
  const all = (useSilences().data?.silences ?? []).filter(
    (one) => !service || !one.service || one.service === service,
  );
  const active = all.filter((one) => one.active);
  const shown = [...active, ...all.filter((one) => !one.active).slice(0, ENDED_SHOWN)];
  return (
    <Panel title="Silences" aside={<Button onClick={() => setAdding(true)}>Silence alarms</Button>}>
      {shown.length === 0 ? (
        <p>Nothing is silenced.</p>
      ) : (
        <DataTable<Silence>
          caption={`${counted(active.length, "silence")} now`}
          rows={shown}
          keyOf={({ id }) => id}
          columns={[
            { title: "Whose", cell: (one) => one.service ?? "every service" },
            { title: "Alarm", cell: (one) => one.alarm ?? "every one" },
            { title: "State", cell: (one) => <State silence={one} onEnd={() => setEnding(one)} /> },
            { title: "Why", cell: ({ reason }) => reason },
            { title: "Who", cell: ({ who }) => who },
            { title: "Since", cell: ({ created_at }) => momentExact(created_at) },
          ]}
        />
      )}
      {adding && <SilenceDialog service={service} onClose={() => setAdding(false)} />}
      {ending && <EndDialog silence={ending} onClose={() => setEnding(null)} />}
    </Panel>
  );
}

function State({ silence, onEnd }: { silence: Silence; onEnd: () => void }) {
  const { active, ends_at, ended_at, ended_by } = silence;
  if (!active) {
    return ended_at
      ? `ended ${momentExact(ended_at)} by ${isolated(ended_by ?? "")}`
      : `ended ${momentExact(ends_at)}`;
  }
  return (
    <>
      until {momentExact(ends_at)}{" "}
      <Button look="quiet" aria-label={`End silence ${silence.id}`} onClick={onEnd}>
        End
      </Button>
    </>
  );
}

function EndDialog({ silence, onClose }: { silence: Silence; onClose: () => void }) {
  const [who, setWho] = useState("");
  const end = useEndSilence();
  return (
    <Dialog
      title="End the silence now?"
      confirm="End it"
      busy={!who.trim() || end.isPending}
      failure="It goes on."
      error={end.error}
      onConfirm={() => end.mutate({ id: silence.id, who: who.trim() }, { onSuccess: onClose })}
      onCancel={onClose}
    >
      <p>What still fires is told then.</p>
      <WhoField who={who} onChange={setWho} />
    </Dialog>
  );
}
