// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import styles from "./DataTable.module.css";

export interface Column<Row> {
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  numeric?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row, index: number) => string | number;
  /** The first column names its row. */
  captionVisible?: boolean;
  /** All rows, however many: of a table that is no aside. */
  whole?: boolean;
}

/** A region that scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0, role: "region" } as const;

/** A plain table that scrolls sideways by itself where it is too wide. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  captionVisible = false,
  whole,
}: Props<Row>) {
  return (
    <div className={styles["scroll"]} data-whole={whole} {...REACHABLE} aria-label={caption}>
      <table className={styles["table"]}>
        <caption className={captionVisible ? styles["caption"] : "visually-hidden"}>
          {caption}
        </caption>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col" data-numeric={column.numeric}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map((column, place) =>
                place === 0 ? (
                  <th key={place} scope="row" data-numeric={column.numeric}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={place} data-numeric={column.numeric}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
