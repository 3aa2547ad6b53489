// SPDX-License-Identifier: Apache-2.0
// Real traffic out of the shared data, given new times so that it ends now.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Event, Server } from "../tests/server";

const SHARED = process.env["DRIFTGUARD_SHARED"] ?? resolve("../../shared");
const BATCH = 2000;

export interface Stretch {
  /** Rows of the file, from the first up to the last, without it. */
  rows: [number, number];
  /** When they come, in minutes before now. */
  minutes: [number, number];
}

export function readEvents(set: string, file = "events.jsonl.gz"): Event[] {
  const path = join(SHARED, "data", set, file);
  if (!existsSync(path))
    throw new Error(`${path} is not there; DRIFTGUARD_SHARED names the folder above data`);
  const lines = gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Event);
}

/** The rows of a stretch, evenly over its time. */
function retimed(events: readonly Event[], { rows, minutes }: Stretch, now: number): Event[] {
  const [first, last] = rows;
  const [begin, end] = minutes.map((ago) => now - ago * 60_000) as [number, number];
  return events.slice(first, last).map((event, place) => ({
    ...event,
    ts: new Date(begin + ((end - begin) * place) / (last - first)).toISOString(),
  }));
}

/** Sends stretches of a set, and builds the baseline on the first of them. */
export async function send(
  server: Server,
  events: readonly Event[],
  stretches: readonly Stretch[],
): Promise<void> {
  const now = Date.now();
  for (const [place, stretch] of stretches.entries()) {
    const sent = retimed(events, stretch, now);
    for (let at = 0; at < sent.length; at += BATCH) await server.ingest(sent.slice(at, at + BATCH));
    if (place > 0) continue;
    const [from, to] = stretch.minutes.map((ago) => new Date(now - ago * 60_000).toISOString());
    for (const service of new Set(sent.map((event) => event.service)))
      await server.buildBaseline(service, { from, to });
  }
}
