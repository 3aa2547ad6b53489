// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapi, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

it("is what the server's document says (else: npm run types)", async () => {
  const document = new URL("../../../src/api/openapi.json", import.meta.url);
  const made = astToString(await openapi(document, { defaultNonNullable: false }));
  const kept = readFileSync(fileURLToPath(new URL("schema.d.ts", import.meta.url)), "utf8");
  // The command puts a head of comments before it.
  expect(kept.endsWith(made)).toBe(true);
});
