// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from "react";
import styles from "./Panel.module.css";

interface Props {
  title: ReactNode;
  /** Stands beside the title: a control, a remark. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a view with a heading, as a landmark. */
export function Panel({ title, aside, children }: Props) {
  const id = useId();
  return (
    <section className={styles["panel"]} aria-labelledby={id}>
      <header className={styles["head"]}>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
