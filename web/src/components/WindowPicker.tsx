// SPDX-License-Identifier: Apache-2.0
import { WINDOWS_MINUTES, windowName } from "@/lib/selection";
import { Segments } from "./Segments";

interface Props {
  /** The window on screen; one that is none of the usual ones joins them. */
  minutes: number;
  href: (minutes: number) => string;
}

export function WindowPicker({ minutes, href }: Props) {
  const choices = [...new Set([...WINDOWS_MINUTES, minutes])].sort((a, b) => a - b);
  const segments = choices.map((one) => ({
    key: String(one),
    label: windowName(one),
    href: href(one),
    current: one === minutes,
  }));
  return <Segments label="Window" segments={segments} />;
}
