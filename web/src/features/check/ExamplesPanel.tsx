// SPDX-License-Identifier: Apache-2.0
import { useExamples } from "@/api/queries";
import type { Examples } from "@/api/types";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { Panel } from "@/components/Panel";
import { count, significant } from "@/lib/numbers";
import type { Selection } from "@/lib/selection";
import { momentExact } from "@/lib/time";
import styles from "./ExamplesPanel.module.css";

/** Raw events from where live traffic is denser than the baseline. */
export function ExamplesPanel({ selection, check }: { selection: Selection; check: string }) {
  const examples = useExamples(selection, check);
  return (
    <Panel title="Events from there">
      <Loaded of={examples} what="Examples" height="8rem">
        {(data) => <List data={data} />}
      </Loaded>
    </Panel>
  );
}

function List({ data }: { data: Examples }) {
  if (!data.region) return <p>The two sides do not differ, so there is nothing to point at.</p>;
  return (
    <>
      <p>
        The latest with <Name>{data.region.text}</Name>
        {data.complete
          ? ""
          : `, among the latest ${count(data.scanned)} events of the window; there may be more`}
      </p>
      {data.examples.length === 0 && <p>There are none.</p>}
      <ul className={styles["list"]}>
        {data.examples.map((example, place) => (
          <li key={`${example.ts} ${place}`}>
            <details>
              <summary>
                <span>{momentExact(example.ts)}</span>
                <strong>
                  <Name>{valueText(example.value)}</Name>
                </strong>
                <Name>{example.endpoint}</Name>
              </summary>
              {/* It scrolls sideways, so a keyboard must reach it. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <pre dir="ltr" tabIndex={0}>
                {JSON.stringify(example.event, null, 2)}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}

function valueText(value: Examples["examples"][number]["value"]): string {
  return typeof value === "number" ? significant(value, 6) : String(value);
}
