// SPDX-License-Identifier: Apache-2.0
import { percent } from "@/lib/numbers";
import { Name } from "./Name";
import styles from "./CategoryBars.module.css";

export interface CategoryBar {
  name: string;
  live: number | null;
  baseline: number | null;
  /** "New", "Vanished" */
  remark?: string | undefined;
}

interface Props {
  caption: string;
  /** What a row is. */
  what?: string;
  bars: readonly CategoryBar[];
}

/** Shares of categories side by side. A table: the bars only repeat its numbers. */
export function CategoryBars({ caption, what = "Category", bars }: Props) {
  const most = Math.max(1e-9, ...bars.flatMap(({ live, baseline }) => [live ?? 0, baseline ?? 0]));
  const width = (share: number | null) => ({ width: `${((share ?? 0) / most) * 100}%` });
  return (
    <table className={styles["bars"]}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <td aria-hidden="true" />
          <th scope="col" data-numeric>
            Baseline
          </th>
          <th scope="col" data-numeric>
            Live
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ name, live, baseline, remark }) => (
          <tr key={name}>
            <th scope="row">
              <Name>{name}</Name>
              {remark && <span className={styles["remark"]}>{remark}</span>}
            </th>
            <td className={styles["pair"]} aria-hidden="true">
              <div className={styles["baseline"]} style={width(baseline)} />
              <div className={styles["live"]} style={width(live)} />
            </td>
            <td data-numeric>{percent(baseline)}</td>
            <td data-numeric>{percent(live)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
