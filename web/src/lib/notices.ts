// SPDX-License-Identifier: Apache-2.0
// What was told of an incident, in words.
import { counted } from "./numbers";
import { moment } from "./time";

export interface NoticeWords {
  target: string;
  event: "opened" | "reminder" | "resolved";
  number: number;
  state: "waiting" | "sent" | "failed" | "skipped";
  at: string | null;
  next_at: string | null;
  tries: number;
  detail: string | null;
}

const TARGETS: Record<string, string> = {
  slack: "Slack",
  webhook: "Webhook",
  alertmanager: "Alertmanager",
  command: "Command",
};

const EVENTS = {
  opened: "the opening",
  reminder: "reminder",
  resolved: "the end",
} as const;

/** To whom, and what: "Slack, the opening". */
export function noticeTitle({ target, event, number }: NoticeWords): string {
  const what = event === "reminder" ? `${EVENTS.reminder} ${number}` : EVENTS[event];
  return `${TARGETS[target] ?? target}, ${what}`;
}

/** What became of it, and why if that is not plain. */
export function noticeText(notice: NoticeWords): string {
  const { state, at, next_at, tries, detail } = notice;
  const because = detail ? `: ${detail}` : "";
  const often = tries > 1 ? `, ${counted(tries, "try", "tries")}` : "";
  switch (state) {
    case "sent":
      return `sent ${at ? moment(at) : ""}${often}`;
    case "failed":
      return `failed ${at ? moment(at) : ""}${often}${because}`;
    case "skipped":
      return `not sent${because}`;
    case "waiting":
      return tries === 0
        ? `waiting until ${next_at ? moment(next_at) : "it is due"}`
        : `waiting, ${counted(tries, "try", "tries")} so far${because}`;
  }
}
