// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import styles from "./Badge.module.css";

export type Tone = "ok" | "fail" | "warn" | "info" | "wait";

interface Props {
  tone: Tone;
  /** An SVG path in a square of 16. */
  shape: string;
  large?: boolean;
  /** Beside another one that says more: without its ground. */
  quiet?: boolean;
  children: ReactNode;
}

/** A state by shape, word and colour. */
export function Badge({ tone, shape, large = false, quiet = false, children }: Props) {
  return (
    <span
      className={styles["badge"]}
      data-tone={tone}
      data-large={large || undefined}
      data-quiet={quiet || undefined}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shape} />
      </svg>
      {children}
    </span>
  );
}
