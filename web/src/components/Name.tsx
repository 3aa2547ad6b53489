// SPDX-License-Identifier: Apache-2.0
import { Fragment } from "react";
import styles from "./Name.module.css";

/** Where a long name may break before it has to: behind these. */
const JOINTS = /(?<=[_./:-])(?=\w)/;

/** A text that came with the data: shown as it is, and unable to turn the text around it. */
export function Name({ children }: { children: string }) {
  const parts = (children === "" ? "(empty)" : children).split(JOINTS);
  return (
    <bdi className={styles["name"]}>
      {parts.map((part, place) => (
        <Fragment key={place}>
          {place > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </bdi>
  );
}
