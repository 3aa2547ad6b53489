// SPDX-License-Identifier: Apache-2.0
// What the guard would answer a gateway, in words.

export type GuardAnswer = "allow" | "deny";

export const GUARD_WORD: Record<GuardAnswer, string> = { allow: "Allow", deny: "Deny" };

interface Policy {
  block: string | readonly string[];
  fail: "open" | "closed";
  stale_seconds: number;
}

const BLOCKS: Record<string, string> = {
  marked: "Alarms of critical features block; every alarm, while no feature is marked so.",
  critical: "Alarms of critical features alone block.",
  all: "Every alarm blocks.",
  none: "No alarm blocks.",
};

/** Which alarms block, and what happens without any to go by. */
export function policyText({ block, fail, stale_seconds }: Policy): string {
  const listed = typeof block !== "string";
  const blocks = listed ? `These alarms block: ${block.join(", ")}.` : (BLOCKS[block] ?? "");
  if (block === "none") return blocks;
  const then = fail === "open" ? "let through" : "blocked";
  return `${blocks} Without a verdict for ${stale_seconds} s requests are ${then}.`;
}
