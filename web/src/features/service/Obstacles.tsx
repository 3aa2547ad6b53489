// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { Report } from "@/api/types";
import { Notice } from "@/components/Notice";
import { link, WINDOWS_MINUTES, windowName, type Selection } from "@/lib/selection";

/** Why there is little to see, and what to do about it. */
export function Obstacles({ report, selection }: { report: Report; selection: Selection }) {
  const longer = WINDOWS_MINUTES.find((minutes) => minutes > report.window_minutes);
  return (
    <>
      {!report.baseline && (
        <Notice tone="warn" title="There is no baseline yet, so drift cannot be judged.">
          <p>
            <Link href={link("/baselines", { service: selection.service })}>Build one</Link> from a
            time when all was well.
          </p>
        </Notice>
      )}
      {report.samples === 0 && (
        <Notice title="No events in this window.">
          {longer && (
            <p>
              <Link href={link("/service", { ...selection, windowMinutes: longer })}>
                Look at {windowName(longer)}
              </Link>
            </p>
          )}
        </Notice>
      )}
    </>
  );
}
