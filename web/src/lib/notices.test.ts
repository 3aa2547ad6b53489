// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { noticeText, noticeTitle, type NoticeWords } from "./notices";

const sent: NoticeWords = {
  target: "slack",
  event: "opened",
  number: 0,
  state: "sent",
  at: "2025-01-01T12:20:46.000Z",
  next_at: null,
  tries: 1,
  detail: "200: ok",
};

test("says to whom and what", () => {
  expect(noticeTitle(sent)).toBe("Slack, the opening");
  expect(noticeTitle({ ...sent, event: "reminder", number: 2 })).toBe("Slack, reminder 2");
  expect(noticeTitle({ ...sent, target: "pager", event: "resolved" })).toBe("pager, the end");
});

test("says how often it was tried where that matters", () => {
  expect(noticeText(sent)).toMatch(/^sent /);
  expect(noticeText(sent)).not.toContain("tr");
  expect(noticeText({ ...sent, tries: 3 })).toContain("3 tries");
});

test("says what came back where it did not arrive", () => {
  const detail = "403: invalid_token";
  expect(noticeText({ ...sent, state: "failed", detail })).toContain(detail);
  expect(noticeText({ ...sent, state: "skipped", detail: "silenced" })).toBe("not sent: silenced");
  const waiting = { ...sent, state: "waiting", at: null, next_at: sent.at } as const;
  expect(noticeText({ ...waiting, tries: 2, detail: "503" })).toBe("waiting, 2 tries so far: 503");
  expect(noticeText({ ...waiting, tries: 0, detail: null })).toMatch(/^waiting until /);
});
