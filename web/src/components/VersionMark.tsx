// SPDX-License-Identifier: Apache-2.0
import styles from "./VersionMark.module.css";

export function VersionMark({ active }: { active: boolean }) {
  return active ? <strong className={styles["active"]}>Active</strong> : <span>Kept</span>;
}
