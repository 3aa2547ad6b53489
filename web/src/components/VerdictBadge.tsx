// SPDX-License-Identifier: Apache-2.0
import { VERDICT_WORD, type Verdict } from "@/lib/verdict";
import { Badge, type Tone } from "./Badge";

const LOOK: Record<Verdict, { tone: Tone; shape: string }> = {
  ok: { tone: "ok", shape: "M3.5 8.5l3 3 6-7" },
  fail: { tone: "fail", shape: "M4 4l8 8M12 4l-8 8" },
  insufficient: { tone: "wait", shape: "M3.5 8h0M8 8h0M12.500 8h0" },
};

interface Props {
  state: Verdict;
  large?: boolean;
  /** Beside an alarm, which has the say. */
  quiet?: boolean;
}

/** A check's verdict by shape, word and colour. */
export function VerdictBadge({ state, ...rest }: Props) {
  return (
    <Badge {...LOOK[state]} {...rest}>
      {VERDICT_WORD[state]}
    </Badge>
  );
}
