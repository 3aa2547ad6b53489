// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useServices, useSilence } from "@/api/queries";
import { Dialog } from "@/components/Dialog";
import { InputField, SelectField } from "@/components/Field";
import { windowName } from "@/lib/selection";
import { MINUTE, rfc3339 } from "@/lib/time";
import { WhoField } from "./WhoField";

const LENGTHS_MINUTES = [60, 240, 720, 1440, 10080];

/** Asks what to silence, for how long, and why. */
export function SilenceDialog({ service, onClose }: { service: string; onClose: () => void }) {
  const names = useServices().data?.services.map((one) => one.service) ?? [];
  const [whose, setWhose] = useState(service);
  const [alarm, setAlarm] = useState("");
  const [minutes, setMinutes] = useState(60);
  const [reason, setReason] = useState("");
  const [who, setWho] = useState("");
  const silence = useSilence();
  const start = () =>
    silence.mutate(
      {
        ...(whose ? { service: whose } : {}),
        ...(alarm.trim() ? { alarm: alarm.trim() } : {}),
        ends_at: rfc3339(Date.now() + minutes * MINUTE),
        reason: reason.trim(),
        who: who.trim(),
      },
      { onSuccess: onClose },
    );
  return (
    <Dialog
      title="Silence alarms?"
      confirm="Silence"
      busy={!reason.trim() || !who.trim() || silence.isPending}
      failure="Nothing was silenced."
      error={silence.error}
      onConfirm={start}
      onCancel={onClose}
    >
      <p>No message goes out about them until then. They fire and are shown here all the same.</p>
      <SelectField
        label="Whose alarms"
        value={whose}
        onChange={(event) => setWhose(event.target.value)}
      >
        <option value="">Every service</option>
        {(whose && !names.includes(whose) ? [whose, ...names] : names).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
      <InputField
        label="Alarm (empty: every one)"
        value={alarm}
        maxLength={120}
        onChange={(event) => setAlarm(event.target.value)}
      />
      <SelectField
        label="For"
        value={minutes}
        onChange={(event) => setMinutes(Number(event.target.value))}
      >
        {LENGTHS_MINUTES.map((length) => (
          <option key={length} value={length}>
            {windowName(length)}
          </option>
        ))}
      </SelectField>
      <InputField
        label="Why"
        value={reason}
        maxLength={120}
        onChange={(event) => setReason(event.target.value)}
      />
      <WhoField who={who} onChange={setWho} />
    </Dialog>
  );
}
