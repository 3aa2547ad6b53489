// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { InputField } from "@/components/Field";
import { overviewLink, type OverviewChoice } from "./choice";

const PAUSE_MS = 250;

/** Finds services by a part of their name; the address follows when typing pauses. */
export function ServiceSearch({ choice }: { choice: OverviewChoice }) {
  const [text, setText] = useState(choice.q ?? "");
  const [, navigate] = useLocation();
  useEffect(() => {
    if (text === (choice.q ?? "")) return;
    const timer = setTimeout(
      () => navigate(overviewLink(choice, { q: text }), { replace: true }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [text, choice, navigate]);
  return (
    <InputField
      label="Find"
      type="search"
      placeholder="Service or endpoint"
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
