// SPDX-License-Identifier: Apache-2.0

/** What differs between two sides, to be put in words. */
export type Change =
  | { kind: "none" }
  | { kind: "median"; from: number; to: number }
  | { kind: "categories"; what: "New:" | "Vanished:"; names: string[]; more: number }
  | { kind: "told"; texts: string[]; more: number }
  | { kind: "text"; text: string };
