// SPDX-License-Identifier: Apache-2.0
import { useLocation } from "wouter";
import { SelectField } from "@/components/Field";
import { link } from "@/lib/selection";

export function ServiceChoice({ names, chosen }: { names: readonly string[]; chosen: string }) {
  const [, navigate] = useLocation();
  return (
    <SelectField
      label="Service"
      value={chosen}
      onChange={(event) => navigate(link("/baselines", { service: event.target.value }))}
    >
      {!chosen && <option value="">Choose one</option>}
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </SelectField>
  );
}
