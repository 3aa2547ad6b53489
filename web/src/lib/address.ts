// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { useLocationProperty } from "wouter/use-browser-location";
import { readSelection, type Selection } from "./selection";

/** The parameters of the page's address. (wouter's own hook decodes them once too often.) */
export function useParameters(): URLSearchParams {
  const search = useLocationProperty(() => location.search);
  return useMemo(() => new URLSearchParams(search), [search]);
}

export function useSelection(): Selection {
  const parameters = useParameters();
  return useMemo(() => readSelection(parameters), [parameters]);
}
