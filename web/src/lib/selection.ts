// SPDX-License-Identifier: Apache-2.0
// What a view looks at lives in its address, so that a link shows the same to somebody else. The
// parameters are called as the API calls them.

export interface Selection {
  service: string;
  endpoint?: string | undefined;
  host?: string | undefined;
  /** Length of the window; the server's own default if not given. */
  windowMinutes?: number | undefined;
  /** End of the window, RFC 3339; now if not given. */
  at?: string | undefined;
}

export const WINDOWS_MINUTES = [5, 15, 30, 60, 180, 720, 1440, 4320, 10080] as const;
const WINDOW_MINUTES_MAX = 43_200;

export type View = "/" | "/service" | "/check" | "/baselines" | "/alarms";

export function readMinutes(text: string | null): number | undefined {
  const value = Number(text);
  return text && Number.isInteger(value) && value >= 1 && value <= WINDOW_MINUTES_MAX
    ? value
    : undefined;
}

export function readMoment(text: string | null): string | undefined {
  return text && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

export function readSelection(params: URLSearchParams): Selection {
  return {
    service: params.get("service") ?? "",
    endpoint: params.get("endpoint") || undefined,
    host: params.get("host") || undefined,
    windowMinutes: readMinutes(params.get("window_minutes")),
    at: readMoment(params.get("at")),
  };
}

/** The address of a view; whatever is undefined stays out of it. */
export function link(
  view: View,
  selection: Partial<Selection> = {},
  more: Record<string, string | number | undefined> = {},
): string {
  const { service, endpoint, host, windowMinutes, at } = selection;
  const params = new URLSearchParams();
  const all = { service, endpoint, host, window_minutes: windowMinutes, at, ...more };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${view}?${text}` : view;
}

/** "5 min", "3 h", "7 d" */
export function windowName(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
