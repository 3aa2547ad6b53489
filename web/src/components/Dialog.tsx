// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button } from "./Button";
import styles from "./Dialog.module.css";
import { Notice } from "./Notice";

interface Props {
  title: ReactNode;
  children: ReactNode;
  /** What the button that goes on says: a verb. */
  confirm: string;
  busy?: boolean;
  /** What is said above the error, should it not succeed. */
  failure?: string;
  error?: Error | null;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something is done. Esc and the first button leave all as it is. */
export function Dialog({
  title,
  children,
  confirm,
  busy = false,
  failure = "It failed.",
  error = null,
  onConfirm,
  onCancel,
}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={id}>{title}</h2>
      <div className={styles["text"]}>
        {children}
        {error && (
          <Notice tone="fail" title={failure}>
            <p>{error.message}</p>
          </Notice>
        )}
      </div>
      <div className={styles["buttons"]}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="primary" disabled={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
