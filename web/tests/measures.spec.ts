// SPDX-License-Identifier: Apache-2.0
import { card, expect, row, test } from "./fixtures";
import { minutesAgo, normalThen, Server, type Event } from "./server";

const bought = (minutes: number, price: number, currency: string): Event => ({
  ts: minutesAgo(minutes),
  service: "shop",
  endpoint: "POST /buy",
  request: { body: { price, currency } },
});

/** A shop whose prices and currencies changed, judged by other measures than KS and PSI. */
async function shopBy(numeric: string, categorical: string): Promise<Server> {
  const server = new Server({
    DRIFTGUARD_NUMERIC_METHOD: numeric,
    DRIFTGUARD_CATEGORICAL_METHOD: categorical,
  });
  await server.start();
  const many = (minutes: number, from: number, currencies: readonly string[]) =>
    Array.from({ length: 300 }, (_, i) =>
      bought(minutes, from + (i % 100), currencies[i % 3] ?? ""),
    );
  await server.ingest(many(90, 100, ["EUR", "USD", "DEM"]));
  await server.buildBaseline("shop");
  await server.ingest(many(5, 150, ["EUR", "USD", "GBP"]));
  return server;
}

test("distances are shown with their limits, and looked into", async ({ page }) => {
  const server = await shopBy("wasserstein", "tvd");
  await page.goto(`${server.url}/`);
  await expect(row(page, "shop")).toContainText(/W 1\.\d+ sd/);
  await page.goto(`${server.url}/service?service=shop`);
  await expect(card(page, "price")).toContainText("Limit: at most 0.1 sd");
  await expect(card(page, "price")).toContainText("Wasserstein.");
  await expect(card(page, "currency")).toContainText("Total variation.");
  await page.goto(`${server.url}/check?service=shop&check=price_wasserstein`);
  await expect(page.getByText("Values moved by 50 on average")).toBeVisible();
  for (const title of ["Distribution", "Histogram", "W over time"]) {
    await expect(page.getByRole("figure", { name: title }).locator("canvas")).toBeVisible();
  }
  await page.goto(`${server.url}/check?service=shop&check=currency_tvd`);
  await expect(page.getByRole("row", { name: /GBP/ })).toContainText("New");
  await expect(page.getByText("Without drift it would be about")).toBeVisible();
  await server.close();
});

test("a measure of shares shows a number's bins", async ({ page }) => {
  const server = await shopBy("psi", "chisquare");
  await page.goto(`${server.url}/check?service=shop&check=price_psi`);
  await expect(page.getByRole("row", { name: /\(189, inf\)/ })).toBeVisible();
  await page.goto(`${server.url}/check?service=shop&check=currency_chisquare`);
  await expect(page.getByText(/The check fails when p is below 0.05/)).toBeVisible();
  await server.close();
});

test("an alarm leads to its check by whatever measure", async ({ page }) => {
  const server = new Server({ DRIFTGUARD_NUMERIC_METHOD: "wasserstein" });
  await server.start();
  await normalThen(server, "shop", 140);
  await server.alarmed("shop", "firing");
  await page.goto(`${server.url}/service?service=shop`);
  const band = page.getByRole("region", { name: "Alarm", exact: true });
  await band.getByRole("link", { name: "amount" }).click();
  await expect(page).toHaveURL(/check=amount_wasserstein/);
  await expect(page.getByRole("figure", { name: "W over time" })).toBeVisible();
  // An incident knows the alarm alone, whose view goes on to the check.
  await page.goto(`${server.url}/alarms`);
  const open = page.getByRole("region", { name: "Open incidents" });
  await open.getByRole("link", { name: "amount" }).click();
  await expect(page).toHaveURL(/check=amount_wasserstein/);
  await expect(page.getByRole("figure", { name: "W over time" })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/alarms/);
  await server.close();
});
