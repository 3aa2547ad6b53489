// SPDX-License-Identifier: Apache-2.0
import { useLocation } from "wouter";
import { useServices } from "@/api/queries";
import { SelectField } from "@/components/Field";
import { link } from "@/lib/selection";

export function ServiceFilter({ service }: { service: string }) {
  const [, navigate] = useLocation();
  const known = useServices().data?.services.map((one) => one.service) ?? [];
  // What is chosen stays among the choices, also when it has not been seen lately.
  const names = service && !known.includes(service) ? [service, ...known] : known;
  return (
    <SelectField
      label="Service"
      value={service}
      onChange={(event) => navigate(link("/alarms", { service: event.target.value }))}
    >
      <option value="">All services</option>
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </SelectField>
  );
}
