// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { Link } from "wouter";
import styles from "./Segments.module.css";

export interface Segment {
  key: string;
  label: ReactNode;
  href: string;
  current: boolean;
}

/** A choice among a few, each with an address of its own. */
export function Segments({
  label,
  segments,
  inline,
}: {
  label: string;
  segments: readonly Segment[];
  inline?: boolean;
}) {
  return (
    <nav className={styles["segments"]} data-inline={inline || undefined} aria-label={label}>
      <span className={styles["label"]} aria-hidden="true">
        {label}
      </span>
      <ul>
        {segments.map(({ key, label: text, href, current }) => (
          <li key={key}>
            <Link href={href} aria-current={current ? "true" : undefined}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
