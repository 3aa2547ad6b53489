// SPDX-License-Identifier: Apache-2.0
import { card, clockTime, expect, row, test } from "./fixtures";
import { normalThen, payments } from "./server";

test("the overview says in words which services' alarms fire, and how many", async ({
  page,
  alarmed,
}) => {
  await page.goto(alarmed.url);
  const shop = row(page, "shop");
  await expect(shop.getByText("Firing")).toBeVisible();
  await expect(shop.getByRole("cell").filter({ hasText: "amount" })).toContainText("Fail");
  await expect(row(page, "calm").getByText("No alarm")).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Checks, a single look" })).toBeVisible();
  await expect(page).toHaveTitle(/^▲ 1 firing/);
  await page.getByRole("link", { name: "1 service", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Alarms");
});

test("a service shows its alarm, why, since when, and what fires", async ({ page, alarmed }) => {
  await page.goto(`${alarmed.url}/service?service=shop`);
  const band = page.getByRole("region", { name: "Alarm", exact: true });
  await expect(band).toContainText(new RegExp(`Firing since ${clockTime.source}`));
  await expect(band).toContainText(/amount: .* values up to .*; by chance this comes once in/);
  await expect(band).not.toContainText(/\d{4}-\d\d-\d\dT/);
  await expect(page.getByRole("heading", { level: 3 }).first()).toHaveText("amount");
  await expect(card(page, "amount")).toContainText(/Firing.* values up to .*Single look: Fail/);
  await expect(card(page, "currency")).toContainText(/No alarm.*tolerance.*Single look: OK/);
  await band.getByRole("link", { name: "amount" }).click();
  await expect(page).toHaveURL(/check=amount_ks/);
});

test("alarms without a check are listed, and lead to their own evidence", async ({
  page,
  alarmed,
}) => {
  await page.goto(`${alarmed.url}/service?service=shop`);
  const apart = page.getByRole("region", { name: "Alarms without a check", exact: true });
  for (const name of ["Latency", "amount missing", "currency of another type"])
    await expect(apart.getByRole("listitem").filter({ hasText: name })).toContainText("No alarm");
  await apart.getByRole("link", { name: "amount missing" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("amount missing");
  await expect(page.getByRole("figure", { name: "Evidence over time" })).toBeVisible();
});

test("part of a service, and its past, have no alarm of their own", async ({ page, alarmed }) => {
  await page.goto(`${alarmed.url}/service?service=shop&endpoint=POST+%2Fbuy`);
  await expect(page.getByText("Alarms are of the whole service")).toBeVisible();
  await expect(card(page, "amount")).not.toContainText("Firing");
  await page.goto(`${alarmed.url}/service?service=shop&at=${new Date().toISOString()}`);
  await expect(card(page, "amount")).toContainText("Fail");
  await expect(page.getByRole("region", { name: "Alarm", exact: true })).toHaveCount(0);
  await page.goto(`${alarmed.url}/check?service=shop&check=amount_ks&endpoint=POST+%2Fbuy`);
  await expect(page.getByRole("figure", { name: "D over time" })).toBeVisible();
  await expect(page.getByRole("figure", { name: "Evidence over time" })).toHaveCount(0);
});

test("a check shows the evidence against its threshold, the start and the tolerance", async ({
  page,
  alarmed,
}) => {
  await page.goto(`${alarmed.url}/check?service=shop&check=amount_ks`);
  const panel = page.getByRole("region", { name: "Alarm", exact: true });
  await expect(panel).toContainText(/values up to .* by chance this comes once in/);
  await expect(panel).toContainText(/Tolerance.* is tolerated: .* points/);
  const chart = page.getByRole("figure", { name: "Evidence over time" });
  await expect(chart.locator("canvas")).toBeVisible();
  for (const entry of ["Fires", "Pending", "Estimated start"])
    await expect(chart.getByRole("listitem").filter({ hasText: entry })).toBeVisible();
  await expect(chart).toContainText(new RegExp(`begun at about ${clockTime.source}`));
  await chart.getByRole("button", { name: "Table" }).click();
  await expect(chart.getByRole("row")).toHaveCount(361);
  await expect(chart.getByRole("row").nth(1)).toContainText(/10|\d{2,}/);
});

test("an open incident says whose, since when, how surely and how big", async ({
  page,
  alarmed,
}) => {
  await page.goto(`${alarmed.url}/alarms`);
  const open = page.getByRole("region", { name: "Open incidents" });
  const incident = open.getByRole("listitem").filter({
    has: page.getByRole("heading", { level: 3, name: "shop" }),
  });
  await expect(incident).toContainText(
    new RegExp(`1 alarm since ${clockTime.source}, for .*, against baseline 1`),
  );
  await expect(incident).toContainText(/By chanceonce in .* years/);
  await expect(incident).toContainText(/How big then[\d.]+ % \(.* to .*\) instead of/);
  await expect(page.getByText("No alarm has fired before.")).toBeVisible();

  await page.getByLabel("Service").selectOption("calm");
  await expect(page).toHaveURL(/\/alarms\?service=calm/);
  await expect(page.getByText(/No alarm of .calm. fires\./)).toBeVisible();
  await page.getByLabel("Service").selectOption("All services");
  await incident.getByRole("link", { name: "amount" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("amount");
  await expect(page.getByText("Firing", { exact: true }).first()).toBeVisible();
});

test("an incident that ended says until when and because of what", async ({ page, server }) => {
  await normalThen(server, "shop", 140);
  await server.alarmed("shop", "firing");
  await server.buildBaseline("shop");
  await page.goto(`${server.url}/alarms`);
  const past = page.getByRole("region", { name: "Past incidents" });
  await expect(past.getByRole("heading", { level: 3 })).toHaveText("shop");
  await expect(past).toContainText("closed because another baseline was activated");
  await expect(past).toContainText(new RegExp(`${clockTime.source} – ${clockTime.source}`));
  await expect(page.getByText("No alarm fires.")).toBeVisible();
});

test("failures fire without any baseline, and the page notices by itself", async ({
  page,
  server,
}) => {
  await server.store(payments("shop", { minutes: [10, 5], mean: 100 }));
  await page.goto(`${server.url}/alarms`);
  await expect(page.getByText("No alarm fires.")).toBeVisible();
  await server.store(payments("shop", { minutes: [5, 0], mean: 100, status: 503 }));
  const open = page.getByRole("region", { name: "Open incidents" });
  await expect(open.getByRole("link", { name: "Success rate" })).toBeVisible({ timeout: 50_000 });
  await open.getByRole("link", { name: "Success rate" }).click();
  await expect(page.getByRole("figure", { name: "Evidence over time" })).toBeVisible();
});
