// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface Props {
  tone?: "plain" | "warn" | "fail";
  title: ReactNode;
  children?: ReactNode;
}

/** A sentence or two that stand out; bad ones are read out at once. */
export function Notice({ tone = "plain", title, children }: Props) {
  return (
    <div className={styles["notice"]} data-tone={tone} role={tone === "plain" ? "status" : "alert"}>
      <p className={styles["title"]}>{title}</p>
      {children}
    </div>
  );
}
