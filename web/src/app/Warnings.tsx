// SPDX-License-Identifier: Apache-2.0
import { useWarnings } from "@/api/queries";
import { Notice } from "@/components/Notice";
import styles from "./Warnings.module.css";

/** What the server itself warns of, above whatever is looked at. */
export function Warnings() {
  const warnings = useWarnings();
  if (warnings.length === 0) return null;
  return (
    <div className={styles["warnings"]}>
      {warnings.map((sentence) => (
        <Notice key={sentence} tone="warn" title={sentence} />
      ))}
    </div>
  );
}
