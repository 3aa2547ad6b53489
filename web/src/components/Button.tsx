// SPDX-License-Identifier: Apache-2.0
import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "plain" | "primary" | "quiet";
}

export function Button({ look = "plain", ...rest }: Props) {
  return <button type="button" className={styles["button"]} data-look={look} {...rest} />;
}
