// SPDX-License-Identifier: Apache-2.0
import { Command } from "@/components/Command";
import { Page } from "@/components/Page";
import { Panel } from "@/components/Panel";
import { buildLine, curlLines, sendLine } from "./commands";
import styles from "./StartView.module.css";

/** What a new server shows: how events come in. The overview takes its place by itself. */
export function StartView() {
  const server = location.origin;
  return (
    <Page
      title="Waiting for the first events"
      about="Nothing has been sent to this server yet. As soon as it has events, this page turns into the overview by itself."
    >
      <div className={styles["ways"]}>
        <Panel title="See drift being found, with made-up payments">
          <ol className={styles["steps"]}>
            <li>
              <p>Send the payments of an ordinary day.</p>
              <Command label="Send ordinary payments" text={sendLine(server, "baseline")} />
            </li>
            <li>
              <p>Say that this is normal.</p>
              <Command label="Build the baseline" text={buildLine(server)} />
            </li>
            <li>
              <p>
                Send payments of other amounts: the check of <code>amount</code> fails.
              </p>
              <Command label="Send drifted payments" text={sendLine(server, "drift-amount")} />
            </li>
          </ol>
        </Panel>
        <Panel title="Send an event of your own">
          <p>
            An event is one call of an API, or one prediction of a model. Every number and every
            word in the bodies is watched.
          </p>
          <Command label="Send one event with curl" text={curlLines(server)} />
          <p>
            All about events, and every other path, is in <a href="/openapi.json">/openapi.json</a>.
          </p>
        </Panel>
      </div>
    </Page>
  );
}
