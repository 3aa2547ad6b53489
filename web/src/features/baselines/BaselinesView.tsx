// SPDX-License-Identifier: Apache-2.0
import { useBaselines, useServices } from "@/api/queries";
import type { BaselineInfo } from "@/api/types";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { Page } from "@/components/Page";
import { useSelection } from "@/lib/address";
import { link } from "@/lib/selection";
import { isolated } from "@/lib/text";
import { BuildPanel } from "./BuildPanel";
import { ComparePanel } from "./ComparePanel";
import { ExclusionsPanel } from "./ExclusionsPanel";
import { Pinned } from "./Pinned";
import { ServiceChoice } from "./ServiceChoice";
import { VersionsPanel } from "./VersionsPanel";

/** What normal was: the versions of a service's baseline. */
export default function BaselinesView() {
  const { service } = useSelection();
  const services = useServices();
  return (
    <Loaded of={services} what="Baselines" height="60vh">
      {({ services: known }) => {
        const names = known.map((one) => one.service);
        const chosen = service || (names.length === 1 ? names[0] : undefined);
        if (!chosen) return <NoneChosen names={names} />;
        return <OfService key={chosen} service={chosen} names={names} />;
      }}
    </Loaded>
  );
}

function NoneChosen({ names }: { names: readonly string[] }) {
  return (
    <Page
      title="Baselines"
      about={names.length ? "Whose baselines?" : "No service has sent events yet."}
    >
      {names.length > 0 && <ServiceChoice names={names} chosen="" />}
    </Page>
  );
}

function OfService({ service, names }: { service: string; names: readonly string[] }) {
  const list = useBaselines(service);
  return (
    <Page
      title={
        <>
          Baselines of <Name>{service}</Name>
        </>
      }
      tab={`Baselines, ${isolated(service)}`}
      crumbs={[
        { href: link("/"), title: "Overview" },
        { href: link("/service", { service }), title: <Name>{service}</Name> },
      ]}
      about="What was normal. Reports compare live traffic with the active version."
      tools={names.length > 1 ? <ServiceChoice names={names} chosen={service} /> : undefined}
    >
      <Pinned service={service} />
      <Loaded of={list} what="Versions" height="12rem">
        {({ baselines, previous }) => (
          <Versions service={service} baselines={baselines} previous={previous} />
        )}
      </Loaded>
      <ExclusionsPanel service={service} />
    </Page>
  );
}

interface VersionsProps {
  service: string;
  baselines: readonly BaselineInfo[];
  previous: number | null;
}

function Versions({ service, baselines, previous }: VersionsProps) {
  const newestFirst = [...baselines].sort((a, b) => b.version - a.version);
  return (
    <>
      <VersionsPanel service={service} versions={newestFirst} previous={previous} />
      <BuildPanel service={service} active={newestFirst.find(({ active }) => active)} />
      {newestFirst.length > 1 && <ComparePanel service={service} versions={newestFirst} />}
    </>
  );
}
