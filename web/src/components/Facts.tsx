// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import styles from "./Facts.module.css";

/** A title and what it says; nothing to say leaves it out. */
export type Fact = readonly [title: string, text: ReactNode];

interface Props {
  facts: readonly Fact[];
  /** One beside the other rather than below. */
  inline?: boolean;
  label?: string;
}

/** What is known of something, each under its title. */
export function Facts({ facts, inline = false, label }: Props) {
  return (
    <dl className={styles["facts"]} data-inline={inline || undefined} aria-label={label}>
      {facts.map(([title, text], place) =>
        text ? (
          <div key={place}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
