// SPDX-License-Identifier: Apache-2.0
import { memo, useState } from "react";
import { Link } from "wouter";
import type { OverviewEndpoint, OverviewService } from "@/api/types";
import { Button } from "@/components/Button";
import { Name } from "@/components/Name";
import { counted } from "@/lib/numbers";
import { link } from "@/lib/selection";
import { Cells } from "./Cells";
import styles from "./ServiceTable.module.css";

/** Failing endpoints shown without being asked for. */
const FAILING_SHOWN = 3;

interface Props {
  service: OverviewService;
  windowMinutes: number | undefined;
}

/** A service and, beneath it, those of its endpoints whose checks fail, or on demand all. */
export const ServiceRows = memo(function ServiceRows({ service, windowMinutes }: Props) {
  const [all, setAll] = useState(false);
  const { service: name, endpoint_count, endpoints } = service;
  const several = endpoint_count > 1;
  const failing = endpoints.filter(({ state }) => state === "fail").slice(0, FAILING_SHOWN);
  const shown = several ? (all ? endpoints : failing) : [];
  const selection = { service: name, windowMinutes };
  return (
    <>
      <tr role="row" className={styles["service"]} data-alarm={service.alarm?.state}>
        <Cells row={service} selection={selection}>
          <Link href={link("/service", selection)} className={styles["name"] ?? ""}>
            <Name>{name}</Name>
          </Link>
          {several ? (
            <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
              {counted(endpoint_count, "endpoint")}
            </Button>
          ) : (
            <EndpointName endpoint={endpoints[0]} />
          )}
        </Cells>
      </tr>
      {shown.map((endpoint) => (
        <tr role="row" key={endpoint.endpoint} className={styles["endpoint"]}>
          <Cells row={endpoint} selection={{ ...selection, endpoint: endpoint.endpoint }}>
            <Link href={link("/service", { ...selection, endpoint: endpoint.endpoint })}>
              <Name>{endpoint.endpoint}</Name>
            </Link>
          </Cells>
        </tr>
      ))}
      {all && endpoint_count > endpoints.length && (
        <tr role="row" className={styles["endpoint"]}>
          <td role="cell" colSpan={7}>
            <Link href={link("/service", selection)}>
              {counted(endpoint_count - endpoints.length, "more endpoint")} of <Name>{name}</Name>
            </Link>
          </td>
        </tr>
      )}
    </>
  );
});

function EndpointName({ endpoint }: { endpoint: OverviewEndpoint | undefined }) {
  return endpoint ? (
    <span className={styles["only"]}>
      <Name>{endpoint.endpoint}</Name>
    </span>
  ) : null;
}
