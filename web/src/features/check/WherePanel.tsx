// SPDX-License-Identifier: Apache-2.0
import { useWhere } from "@/api/queries";
import type { Where, WhereDimension } from "@/api/types";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { Panel } from "@/components/Panel";
import { count, percent } from "@/lib/numbers";
import type { Selection } from "@/lib/selection";
import styles from "./WherePanel.module.css";

const TITLE: Record<WhereDimension["dimension"], string> = {
  range: "Values",
  category: "Categories",
  status: "Statuses",
  endpoint: "Endpoints",
  field: "Fields",
  host: "Hosts",
  feature: "",
};

/** What carries the drift, ranked: ranges, categories, endpoints, hosts. */
export function WherePanel({ selection, check }: { selection: Selection; check: string }) {
  const where = useWhere(selection, check);
  return (
    <Panel title="Where is it?">
      <Loaded of={where} what="Where the drift is" height="8rem">
        {(data) => <Found where={data} />}
      </Loaded>
    </Panel>
  );
}

function Found({ where }: { where: Where }) {
  return (
    <>
      <p className={styles["sentence"]}>
        <Name>{where.sentence}</Name>.
      </p>
      <div className={styles["dimensions"]}>
        {where.dimensions.map((dimension) => (
          <Dimension
            key={`${dimension.dimension} ${dimension.feature ?? ""}`}
            dimension={dimension}
          />
        ))}
      </div>
      {sampled(where) && <p className={styles["more"]}>{sampled(where)}</p>}
    </>
  );
}

function Dimension({ dimension }: { dimension: WhereDimension }) {
  const { feature, segments, omitted, dimension: kind } = dimension;
  return (
    <section>
      <h3>{feature === undefined ? TITLE[kind] : <Name>{feature}</Name>}</h3>
      <ul className={styles["segments"]}>
        {segments.map(({ name, share }) => (
          <li key={name}>
            <span>
              <Name>{name}</Name>
            </span>
            <span className={styles["share"]}>{percent(share)}</span>
            <span
              aria-hidden="true"
              className={styles["bar"]}
              style={{ width: `${Math.min(share, 1) * 100}%` }}
            />
          </li>
        ))}
      </ul>
      {omitted > 0 && <p className={styles["more"]}>And {count(omitted)} more.</p>}
    </section>
  );
}

/** What of the answer rests on a part of the events. */
function sampled({ events, dimensions }: Where): string {
  const read = dimensions.some(({ source }) => source !== "rollups");
  if (!events || !read || (events.live.complete && events.baseline.complete)) return "";
  return (
    "Hosts and other features rest on a sample: " +
    `${count(events.live.scanned)} live events and ${count(events.baseline.scanned)} of the baseline.`
  );
}
