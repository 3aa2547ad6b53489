// SPDX-License-Identifier: Apache-2.0
import type { Change } from "@/lib/change";
import { significant } from "@/lib/numbers";
import { Name } from "./Name";

/** "Median 101 → 148", "New: EUR, GBP" */
export function ChangeWords({ change }: { change: Change }) {
  switch (change.kind) {
    case "none":
      return null;
    case "median":
      return (
        <p>
          Median {significant(change.from)} → {significant(change.to)}
        </p>
      );
    case "categories":
      return (
        <p>
          {change.what}{" "}
          {change.names.map((name, place) => (
            <span key={name}>
              {place > 0 && ", "}
              <Name>{name}</Name>
            </span>
          ))}
          {change.more > 0 && ` and ${change.more} more`}
        </p>
      );
    case "told":
      return (
        <ul>
          {change.texts.map((text) => (
            <li key={text}>
              <Name>{text}</Name>
            </li>
          ))}
          {change.more > 0 && <li>and {change.more} more</li>}
        </ul>
      );
    case "text":
      return <p>{change.text}</p>;
  }
}
