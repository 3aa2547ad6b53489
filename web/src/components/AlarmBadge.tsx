// SPDX-License-Identifier: Apache-2.0
import { ALARM_WORD, NOT_EVALUATED, type AlarmState } from "@/lib/alarm";
import { Badge, type Tone } from "./Badge";

const DOTS = "M3.5 8h0M8 8h0M12.5 8h0";

const LOOK: Record<AlarmState, { tone: Tone; shape: string }> = {
  firing: { tone: "fail", shape: "M8 2.5L14 13.5H2zM8 7v2.5M8 11.3h0" },
  pending: { tone: "warn", shape: "M8 2.5a5.5 5.5 0 1 0 .01 0zM8 5.5v2.7l1.8 1.3" },
  resolved: { tone: "info", shape: "M3 3v3.2h3.2M3.3 6A5.2 5.2 0 1 1 2.9 9" },
  ok: { tone: "ok", shape: "M3.5 8.5l3 3 6-7" },
  insufficient_data: { tone: "wait", shape: DOTS },
};

interface Props {
  /** None while nothing was evaluated. */
  state: AlarmState | null;
  large?: boolean;
}

/** An alarm's state by shape, word and colour. */
export function AlarmBadge({ state, ...rest }: Props) {
  const look = LOOK[state ?? "insufficient_data"];
  return (
    <Badge {...look} {...rest}>
      {state ? ALARM_WORD[state] : NOT_EVALUATED}
    </Badge>
  );
}
