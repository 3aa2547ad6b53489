// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useAcknowledge } from "@/api/queries";
import type { Incident } from "@/api/types";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { InputField } from "@/components/Field";
import { isolated } from "@/lib/text";
import { moment } from "@/lib/time";
import { WhoField } from "./WhoField";

/** Who knows of an incident; while nobody does and it is open, a button to say so. */
export function Acknowledge({ incident }: { incident: Incident }) {
  const [asking, setAsking] = useState(false);
  const { acknowledgement, state } = incident;
  if (acknowledgement) {
    const { who, note, at } = acknowledgement;
    return (
      <p>
        Acknowledged by {isolated(who)} {moment(at)}
        {note ? `: ${isolated(note)}` : "."}
      </p>
    );
  }
  if (state === "closed") return null;
  return (
    <div>
      <Button onClick={() => setAsking(true)}>Acknowledge</Button>
      {asking && <AcknowledgeDialog incident={incident} onClose={() => setAsking(false)} />}
    </div>
  );
}

function AcknowledgeDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [who, setWho] = useState("");
  const [note, setNote] = useState("");
  const acknowledge = useAcknowledge(incident.id);
  return (
    <Dialog
      title={`Acknowledge the incident of ${isolated(incident.service)}?`}
      confirm="Acknowledge"
      busy={!who.trim() || acknowledge.isPending}
      failure="It was not acknowledged."
      error={acknowledge.error}
      onConfirm={() =>
        acknowledge.mutate({ who: who.trim(), note: note.trim() }, { onSuccess: onClose })
      }
      onCancel={onClose}
    >
      <p>Nobody is reminded of it any more. That it is over is told all the same.</p>
      <WhoField who={who} onChange={setWho} />
      <InputField
        label="Note (may be empty)"
        value={note}
        maxLength={250}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}
