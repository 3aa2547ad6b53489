// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const KEY = "driftguard.theme";
const listeners = new Set<() => void>();

function isTheme(text: string | null): text is Theme {
  return THEMES.some((theme) => theme === text);
}

export function storedTheme(): Theme {
  try {
    const text = localStorage.getItem(KEY);
    return isTheme(text) ? text : "system";
  } catch {
    return "system"; // A browser that keeps nothing for this page.
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then it holds until the page is closed.
  }
  applyTheme(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", listener);
  listeners.add(listener);
  return () => {
    system.removeEventListener("change", listener);
    listeners.delete(listener);
  };
}

export function chosenTheme(): Theme {
  const text = document.documentElement.dataset["theme"] ?? null;
  return isTheme(text) ? text : "system";
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosenTheme);
}

/** Which of the two is on screen: charts on a canvas are drawn again when it changes. */
export function useShade(): "light" | "dark" {
  return useSyncExternalStore(subscribe, () => {
    const theme = chosenTheme();
    if (theme !== "system") return theme;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  });
}
