// SPDX-License-Identifier: Apache-2.0
import { useLocation } from "wouter";
import { useHosts, useServices } from "@/api/queries";
import { SelectField } from "@/components/Field";
import { useParameters } from "@/lib/address";
import { link, type Selection } from "@/lib/selection";

/** What is chosen stays among the choices, also when it has not been seen lately. */
function choices(names: readonly string[], chosen: string | undefined): string[] {
  return chosen && !names.includes(chosen) ? [chosen, ...names] : [...names];
}

export function Filters({ selection }: { selection: Selection }) {
  const [, navigate] = useLocation();
  const history = useParameters().get("history") ?? undefined;
  const go = (change: Partial<Selection>) =>
    navigate(link("/service", { ...selection, ...change }, { history }));
  const services = useServices().data?.services ?? [];
  const endpoints = services.find(({ service }) => service === selection.service)?.endpoints ?? [];
  const hosts = useHosts(selection).data?.hosts.map(({ host }) => host) ?? [];
  return (
    <>
      <SelectField
        label="Endpoint"
        value={selection.endpoint ?? ""}
        onChange={(event) => go({ endpoint: event.target.value || undefined, host: undefined })}
      >
        <option value="">All endpoints</option>
        {choices(endpoints, selection.endpoint).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
      <SelectField
        label="Host"
        value={selection.host ?? ""}
        onChange={(event) => go({ host: event.target.value || undefined })}
      >
        <option value="">All hosts</option>
        {choices(hosts, selection.host).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
    </>
  );
}
