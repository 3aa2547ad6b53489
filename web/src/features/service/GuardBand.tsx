// SPDX-License-Identifier: Apache-2.0
import { useGuard, useGuardOverrides } from "@/api/guard";
import type { GuardedService, GuardOverride } from "@/api/types";
import { Badge } from "@/components/Badge";
import { DataTable } from "@/components/DataTable";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { GUARD_WORD, policyText } from "@/lib/guard";
import { counted } from "@/lib/numbers";
import type { Selection } from "@/lib/selection";
import { momentExact, withLocalTimes } from "@/lib/time";
import styles from "./Band.module.css";

const LOOK = {
  allow: { tone: "ok", shape: "M3.5 8.5l3 3 6-7" },
  deny: { tone: "fail", shape: "M4 4l8 8M12 4l-8 8" },
} as const;

/** What a gateway that asks about the service is told now, why, and who told otherwise. */
export function GuardBand({ selection }: { selection: Selection }) {
  return (
    <Loaded of={useGuard(selection.service)} what="The guard" height="6.6rem">
      {(guard) => <Filled guard={guard} selection={selection} />}
    </Loaded>
  );
}

function Filled({ guard, selection }: { guard: GuardedService; selection: Selection }) {
  const { service, decision, detail, policy, overrides } = guard;
  const state = decision === "deny" ? "firing" : undefined;
  return (
    <section className={styles["band"]} data-state={state} aria-label="Guard">
      <div className={styles["head"]}>
        <strong>A gateway that asks is told</strong>
        <Badge {...LOOK[decision]}>{GUARD_WORD[decision]}</Badge>
      </div>
      <p className={styles["reason"]} dir="auto">
        {withLocalTimes(detail)}
      </p>
      {overrides > 0 && <Overrides service={service} />}
      <p className={styles["foot"]} dir="auto">
        {policyText(policy)}
        {(selection.endpoint ?? selection.host) &&
          " This is of the whole service, whatever is chosen above."}
      </p>
    </section>
  );
}

function Overrides({ service }: { service: string }) {
  const held = useGuardOverrides(service).data?.overrides ?? [];
  if (held.length === 0) return null;
  return (
    <DataTable<GuardOverride>
      caption={`${counted(held.length, "override")} now`}
      rows={held}
      keyOf={({ id }) => id}
      columns={[
        { title: "Override", cell: (one) => GUARD_WORD[one.decision] },
        {
          title: "Endpoint",
          cell: ({ endpoint }) => (endpoint ? <Name>{endpoint}</Name> : "every one"),
        },
        { title: "Why", cell: ({ reason }) => <bdi>{reason}</bdi> },
        { title: "Who", cell: ({ by }) => <bdi>{by}</bdi> },
        { title: "Until", cell: ({ until }) => momentExact(until) },
      ]}
    />
  );
}
