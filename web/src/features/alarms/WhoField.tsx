// SPDX-License-Identifier: Apache-2.0
import { InputField } from "@/components/Field";

interface Props {
  who: string;
  onChange: (who: string) => void;
}

/** Whose decision it is: what people do about alarms is on record with a name. */
export function WhoField({ who, onChange }: Props) {
  return (
    <InputField
      label="Your name"
      value={who}
      maxLength={60}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
