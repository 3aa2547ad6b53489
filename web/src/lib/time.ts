// SPDX-License-Identifier: Apache-2.0
// Moments are milliseconds since 1970 inside, RFC 3339 in UTC towards the server, and the reader's
// own time zone on the page.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export type Moment = number | string | Date;

const options = { hourCycle: "h23" } as const;
const clock = new Intl.DateTimeFormat("en-GB", { ...options, hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", {
  ...options,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

export function millis(moment: Moment): number {
  return moment instanceof Date ? moment.getTime() : new Date(moment).getTime();
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** 16:03 today, 23 Nov 16:03 this year, 23 Nov 2024 16:03 before. */
export function moment(at: Moment, now: number = Date.now()): string {
  const value = millis(at);
  if (Number.isNaN(value)) return "an unknown time";
  if (sameDay(value, now)) return clock.format(value);
  const thisYear = new Date(value).getFullYear() === new Date(now).getFullYear();
  return `${(thisYear ? day : dayYear).format(value)} ${clock.format(value)}`;
}

export function momentExact(at: Moment): string {
  const value = millis(at);
  return Number.isNaN(value)
    ? "an unknown time"
    : `${dayYear.format(value)} ${clockSeconds.format(value)}`;
}

/** 15:30 – 16:00, with days where they are needed. */
export function span(from: Moment, to: Moment, now: number = Date.now()): string {
  const [a, b] = [millis(from), millis(to)];
  const end = sameDay(a, b) ? clock.format(b) : moment(b, now);
  return `${moment(a, now)} – ${end}`;
}

/** The largest fitting unit: 45 s, 12 min, 3 h, 2 d. */
export function duration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < MINUTE) return `${Math.round(value / SECOND)} s`;
  if (value < 2 * HOUR) return `${Math.round(value / MINUTE)} min`;
  if (value < 2 * DAY) return `${Math.round(value / HOUR)} h`;
  return `${Math.round(value / DAY)} d`;
}

/** A sentence of the server's, with its moments in the reader's time. */
export function withLocalTimes(sentence: string, now: number = Date.now()): string {
  return sentence.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (text) =>
    moment(text, now),
  );
}

export function rfc3339(at: Moment): string {
  return new Date(millis(at)).toISOString();
}

/** What <input type="datetime-local"> holds: local time without a zone. */
export function toLocalInput(at: Moment): string {
  const value = new Date(millis(at));
  return new Date(value.getTime() - value.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

export function fromLocalInput(text: string): number | undefined {
  const value = new Date(text).getTime();
  return Number.isNaN(value) ? undefined : value;
}

/** "Europe/Berlin, UTC+1": which zone the page's times are in. */
export function zoneName(now: Date = new Date()): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const minutes = -now.getTimezoneOffset();
  const hours = Math.abs(minutes) / 60;
  const offset = minutes === 0 ? "" : `${minutes < 0 ? "-" : "+"}${Number(hours.toFixed(2))}`;
  return zone === "UTC" ? "UTC" : `${zone}, UTC${offset}`;
}
