// SPDX-License-Identifier: Apache-2.0
import type { ToldNotice } from "@/api/types";
import { Facts, type Fact } from "@/components/Facts";
import { noticeText, noticeTitle } from "@/lib/notices";
import styles from "./Alarms.module.css";

/** Who was told of an incident, and who is still to be. */
export function Notices({ notices }: { notices: readonly ToldNotice[] }) {
  if (notices.length === 0) return null;
  const facts = notices.map((notice): Fact => [
    noticeTitle(notice),
    <span key="text" className={styles["reason"]}>
      {noticeText(notice)}
    </span>,
  ]);
  return <Facts facts={facts} inline label="Messages" />;
}
