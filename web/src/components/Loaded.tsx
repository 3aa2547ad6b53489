// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { Notice } from "./Notice";
import { Skeleton } from "./Skeleton";

/** What Loaded wants to know of a query. */
interface Answer<T> {
  data: T | undefined;
  error: Error | null;
  isPlaceholderData?: boolean;
}

interface Props<T> {
  of: Answer<T>;
  what: string;
  height?: string;
  children: (data: T) => ReactNode;
}

/**
 * What a query brought. An answer once given stays on screen, whatever becomes of the server (the
 * bar above says how old it is); only without one, its trouble is shown in its place.
 */
export function Loaded<T>({ of, what, height, children }: Props<T>) {
  if (of.data !== undefined && !(of.isPlaceholderData && of.error)) return children(of.data);
  if (of.error) {
    return (
      <Notice tone="fail" title={`${what} cannot be shown.`}>
        <p>{of.error.message}</p>
      </Notice>
    );
  }
  return <Skeleton label={`Loading ${what.toLowerCase()}`} {...(height ? { height } : {})} />;
}
