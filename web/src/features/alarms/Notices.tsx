// SPDX-License-Identifier: Apache-2.0
import type { ToldNotice } from "@/api/types";
import { noticeText, noticeTitle } from "@/lib/notices";
import styles from "./Alarms.module.css";

/** Who was told of an incident, and who is still to be. */
export function Notices({ notices }: { notices: readonly ToldNotice[] }) {
  if (notices.length === 0) return null;
  return (
    <dl className={styles["facts"]} aria-label="Messages">
      {notices.map((notice) => (
        <div key={`${notice.target} ${notice.event} ${notice.number}`} data-state={notice.state}>
          <dt>{noticeTitle(notice)}</dt>
          <dd className={styles["reason"]}>{noticeText(notice)}</dd>
        </div>
      ))}
    </dl>
  );
}
