// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import { link, type Selection, type View } from "@/lib/selection";
import { momentExact } from "@/lib/time";
import { Notice } from "./Notice";

interface Props {
  selection: Selection;
  view: View;
  more?: Record<string, string | undefined>;
}

/** Says that this is not now, and leads back. */
export function Lookback({ selection, view, more }: Props) {
  if (!selection.at) return null;
  return (
    <Notice
      tone="warn"
      title={
        <>
          As it was at {momentExact(selection.at)}.{" "}
          <Link href={link(view, { ...selection, at: undefined }, more)}>Back to now</Link>
        </>
      }
    />
  );
}
