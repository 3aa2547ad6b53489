// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from "react";
import { SECOND } from "./time";

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    now = Date.now();
    timer = setInterval(tick, SECOND);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, by the second: one timer for all who show how old something is. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
