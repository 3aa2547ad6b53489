// SPDX-License-Identifier: Apache-2.0
import { useId, useState, type ReactNode } from "react";
import { Button } from "./Button";
import styles from "./ChartFrame.module.css";

interface Props {
  title: ReactNode;
  /** What the picture shows, in a sentence: for those who do not see it, and under the title. */
  summary: string;
  /** Why there is no picture; said in its place. */
  empty?: string | undefined;
  legend?: ReactNode;
  aside?: ReactNode;
  /** The picture holds links, so it is no single image to a screen reader. */
  interactive?: boolean;
  children: ReactNode;
  /** The same data as a table, made only when somebody asks. */
  table: () => ReactNode;
}

/** A chart with its title, its key and, on demand, its data as a table. */
export function ChartFrame(props: Props) {
  const { title, summary, empty, legend, aside, interactive, children, table } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure className={styles["frame"]} aria-labelledby={id}>
      <figcaption className={styles["head"]}>
        <h2 id={id}>{title}</h2>
        <div className={styles["aside"]}>
          {aside}
          {!empty && (
            <Button look="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              Table
            </Button>
          )}
        </div>
        <p className={styles["summary"]}>{summary}</p>
      </figcaption>
      {empty ? (
        <p>{empty}</p>
      ) : (
        <>
          {legend}
          {asTable ? (
            table()
          ) : (
            <div {...(interactive ? {} : { role: "img", "aria-label": summary })}>{children}</div>
          )}
        </>
      )}
    </figure>
  );
}
