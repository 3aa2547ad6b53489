// SPDX-License-Identifier: Apache-2.0
import { counted } from "./numbers";
import { windowName } from "./selection";
import { moment, span, type Moment } from "./time";

interface Looked {
  from: Moment;
  to: Moment;
  samples: number;
  window_minutes: number;
  baseline: {
    version: number;
    created_at: Moment;
    samples: number;
    source: "store" | "file" | "trailing" | "seasonal";
  } | null;
}

/** What a report is about, in a line. */
export function reportAbout({ from, to, samples, window_minutes, baseline }: Looked): string {
  const live = `${counted(samples, "event")} from ${span(from, to)} (${windowName(window_minutes)})`;
  if (!baseline) return `${live}; no baseline yet.`;
  const which = {
    store: `baseline ${baseline.version}`,
    file: "the pinned baseline file",
    trailing: "the trailing baseline",
    seasonal: "the seasonal baseline",
  }[baseline.source];
  return `${live} against ${which}: ${counted(baseline.samples, "event")}, built ${moment(baseline.created_at)}.`;
}
