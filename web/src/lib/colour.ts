// SPDX-License-Identifier: Apache-2.0
// Colours for canvases, which do not know CSS variables.

export type Token =
  | "--live"
  | "--live-soft"
  | "--baseline"
  | "--baseline-soft"
  | "--limit"
  | "--fail"
  | "--warn"
  | "--muted"
  | "--grid"
  | "--text"
  | "--surface";

/** A token's colour as it is on screen now, under the element's theme. */
export function tokenColour(element: HTMLElement, token: Token): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
