// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Button } from "./Button";
import styles from "./Command.module.css";

/** Lines for a terminal, to be copied. */
export function Command({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    // Without TLS, and from another machine, a page gets no clipboard: then people select.
    void navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <div className={styles["command"]}>
      <pre role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
      {"clipboard" in navigator && (
        <Button look="quiet" onClick={copy} aria-label={`Copy: ${label}`}>
          {copied ? "Copied" : "Copy"}
        </Button>
      )}
    </div>
  );
}
