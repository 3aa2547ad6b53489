// SPDX-License-Identifier: Apache-2.0
import { useReport } from "@/api/queries";
import { Notice } from "@/components/Notice";

/** A pinned file wins over every version here: whoever activates one should know. */
export function Pinned({ service }: { service: string }) {
  const report = useReport({ service });
  if (report.data?.baseline?.source !== "file") return null;
  return (
    <Notice tone="warn" title="Reports use the file that BASELINE_PATH names.">
      <p>
        Versions can be built and compared here, but reports look at the file until the server
        starts without BASELINE_PATH.
      </p>
    </Notice>
  );
}
