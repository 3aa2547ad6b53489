// SPDX-License-Identifier: Apache-2.0
import { expect, row, test } from "./fixtures";

test("an empty server shows the lines to begin with, for its own address", async ({
  page,
  server,
}) => {
  await page.goto(server.url);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Waiting for the first events");
  await expect(page.getByText(`driftguard send baseline --url ${server.url}`)).toBeVisible();
  await expect(page.getByText(`curl -s ${server.url}/v1/ingest`)).toBeVisible();
});

test("the curl line works as it stands, and the page turns into the overview by itself", async ({
  page,
  server,
}) => {
  await page.goto(server.url);
  const line = await page.getByRole("region", { name: "Send one event with curl" }).innerText();
  const { execFileSync } = await import("node:child_process");
  expect(execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" })).toBe('{"ingested":1}');
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  await expect(row(page, "payments_api")).toContainText("No baseline yet");
});
