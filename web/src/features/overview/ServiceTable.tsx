// SPDX-License-Identifier: Apache-2.0
import { Notice } from "@/components/Notice";
import type { Overview } from "@/api/types";
import { duration, SECOND } from "@/lib/time";
import { ServiceRows } from "./ServiceRows";
import styles from "./ServiceTable.module.css";

/** The table lays itself out as cards on a narrow screen; the roles keep it a table for all. */
export function ServiceTable({
  data,
  windowMinutes,
}: {
  data: Overview;
  windowMinutes: number | undefined;
}) {
  if (data.services.length === 0) {
    return (
      <Notice title="No service matches.">
        Take the filter away, or look for another part of the name.
      </Notice>
    );
  }
  const hours = duration(data.trend.steps * data.trend.step_seconds * SECOND);
  return (
    <table className={styles["table"]} role="table" aria-label="Services by trouble">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            Alarm
          </th>
          <th scope="col" role="columnheader">
            Service
          </th>
          <th scope="col" role="columnheader">
            Checks, a single look
          </th>
          <th scope="col" role="columnheader" data-numeric>
            Samples
          </th>
          <th scope="col" role="columnheader" data-numeric>
            Success
          </th>
          <th scope="col" role="columnheader" data-numeric>
            p95
          </th>
          <th scope="col" role="columnheader">
            Last {hours}
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {data.services.map((service) => (
          <ServiceRows key={service.service} service={service} windowMinutes={windowMinutes} />
        ))}
      </tbody>
    </table>
  );
}
