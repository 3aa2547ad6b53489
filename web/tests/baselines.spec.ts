// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "./fixtures";

const version = (n: number) => new RegExp(`^${n} `);

test("a baseline is built, replaced after asking, compared and rolled back in the page", async ({
  page,
  server,
}) => {
  await server.command("send", "baseline", "--events", "2000");
  await page.goto(`${server.url}/baselines?service=payments_api`);
  await expect(page.getByText("There is none yet.")).toBeVisible();

  await page.getByRole("button", { name: "Last 2 h" }).click();
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(
    page.getByText("Version 1 was built from 2,000 events and is active."),
  ).toBeVisible();

  await server.command("send", "drift-amount", "--events", "2000");
  await page.getByRole("button", { name: "Last 30 min" }).click();
  await page.getByRole("button", { name: "Build", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Replace the active baseline, version 1?");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("row", { name: version(2) })).toHaveCount(0);

  await page.getByRole("button", { name: "Build", exact: true }).click();
  await dialog.getByRole("button", { name: "Build and activate" }).click();
  await expect(page.getByRole("row", { name: version(2) })).toContainText("Active");

  const comparison = page.getByRole("region", { name: "Version 2 against version 1" });
  await expect(comparison.getByRole("row", { name: /amount/ })).toContainText("Fail");

  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await dialog.getByRole("button", { name: "Activate version 1" }).click();
  await expect(page.getByRole("row", { name: version(1) })).toContainText("Active");
  await expect(page.getByRole("row", { name: version(2) })).toContainText("Kept");
});

test("a range is drawn over the chart of events", async ({ page, server }) => {
  await server.command("send", "baseline", "--events", "500");
  await page.goto(`${server.url}/baselines?service=payments_api&history=360`);
  const canvas = page.getByRole("figure", { name: "Events over time" }).locator(".u-over");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the chart is not there");
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width + 5, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await expect(page.getByLabel("From")).not.toHaveValue("");
  await expect(page.getByText(/About 500 events in the chosen time/)).toBeVisible();
});

test("a time without events says why nothing was built", async ({ page, server }) => {
  await server.command("send", "baseline", "--events", "100");
  await page.goto(`${server.url}/baselines?service=payments_api`);
  await page.getByLabel("From").fill("2020-01-01T10:00");
  await page.getByLabel("To", { exact: true }).fill("2020-01-01T09:00");
  await expect(page.getByText("It must end after it begins.")).toBeVisible();
  await page.getByLabel("To", { exact: true }).fill("2020-01-01T11:00");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("no events of payments_api");
});
