// SPDX-License-Identifier: Apache-2.0
import { HISTORIES_MINUTES } from "@/lib/history";
import { windowName } from "@/lib/selection";
import { Segments } from "./Segments";

interface Props {
  minutes: number;
  href: (minutes: number) => string;
  inline?: boolean;
}

/** How far back charts over time reach. */
export function HistoryPicker({ minutes, href, inline = false }: Props) {
  const choices = [...new Set([...HISTORIES_MINUTES, minutes])].sort((a, b) => a - b);
  const segments = choices.map((one) => ({
    key: String(one),
    label: windowName(one),
    href: href(one),
    current: one === minutes,
  }));
  return <Segments label="History" segments={segments} inline={inline} />;
}
