// SPDX-License-Identifier: Apache-2.0
import { useIncidents } from "@/api/queries";
import type { Incident } from "@/api/types";
import { Loaded } from "@/components/Loaded";
import { Page } from "@/components/Page";
import { useSelection } from "@/lib/address";
import { count } from "@/lib/numbers";
import { isolated } from "@/lib/text";
import styles from "./Alarms.module.css";
import { IncidentCard } from "./IncidentCard";
import { ServiceFilter } from "./ServiceFilter";
import { SilencesPanel } from "./SilencesPanel";

/** More than anybody reads; the address of one service shows older ones of it. */
const INCIDENTS_MAX = 200;

const ABOUT =
  "An incident is a stretch of time in which alarms of one service fire. Chance alone, without any drift, makes at most one a year in a service, on average.";

/** What fires, and what has fired. */
export default function AlarmsView() {
  const { service } = useSelection();
  const incidents = useIncidents(service, INCIDENTS_MAX);
  const open = incidents.data?.incidents.filter(({ state }) => state === "open").length ?? 0;
  return (
    <Page
      title="Alarms"
      tab={open ? `▲ ${open} open, Alarms` : "Alarms"}
      about={ABOUT}
      tools={<ServiceFilter service={service} />}
    >
      <Loaded of={incidents} what="Incidents" height="40vh">
        {(data) => <Lists incidents={data.incidents} service={service} />}
      </Loaded>
      <SilencesPanel key={service} service={service} />
    </Page>
  );
}

function Lists({ incidents, service }: { incidents: readonly Incident[]; service: string }) {
  const of = service ? ` of ${isolated(service)}` : "";
  return (
    <>
      <List
        title="Open"
        none={`No alarm${of} fires.`}
        incidents={incidents.filter(({ state }) => state === "open")}
      />
      <List
        title="Past"
        none={`No alarm${of} has fired before.`}
        incidents={incidents.filter(({ state }) => state === "closed")}
      />
      {incidents.length >= INCIDENTS_MAX && (
        <p>The latest {count(INCIDENTS_MAX)} incidents. A single service shows older ones of it.</p>
      )}
    </>
  );
}

interface ListProps {
  title: string;
  none: string;
  incidents: readonly Incident[];
}

function List({ title, none, incidents }: ListProps) {
  return (
    <section className={styles["part"]} aria-label={`${title} incidents`}>
      <h2>
        {title}
        {incidents.length > 0 && ` (${count(incidents.length)})`}
      </h2>
      {incidents.length === 0 ? (
        <p className={styles["none"]}>{none}</p>
      ) : (
        <ul className={styles["list"]}>
          {incidents.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} />
          ))}
        </ul>
      )}
    </section>
  );
}
