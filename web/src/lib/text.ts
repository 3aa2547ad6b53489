// SPDX-License-Identifier: Apache-2.0

/**
 * A text that came with the data, within a sentence that no element can hold: characters that turn
 * the direction of writing end with it, as <bdi> does for elements.
 */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
