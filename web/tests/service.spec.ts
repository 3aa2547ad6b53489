// SPDX-License-Identifier: Apache-2.0
import { card, clockTime, expect, test } from "./fixtures";
import { minutesAgo, type Event } from "./server";

test("checks show verdict, value, limit and counts in words, the failing one first", async ({
  page,
  drifted,
}) => {
  await page.goto(`${drifted.url}/service?service=payments_api`);
  await expect(page.getByRole("heading", { level: 3 }).first()).toHaveText("amount");
  const amount = card(page, "amount");
  await expect(amount).toContainText("Fail");
  await expect(amount).toContainText("fails below 0.05");
  await expect(amount).toContainText(/live n\s[\d,]+, baseline n\s3,000/);
  await expect(amount).toContainText(new RegExp(`Failing since about ${clockTime.source}`));
  await expect(card(page, "currency")).toContainText("Limit: at most 0.2");
  await expect(card(page, "Success rate")).toContainText("OK");
});

test("the window picker changes the window and keeps it in the address", async ({
  page,
  drifted,
}) => {
  await page.goto(`${drifted.url}/service?service=payments_api`);
  const picker = page.getByRole("navigation", { name: "Window" });
  await expect(picker.getByRole("link", { name: "30 min" })).toHaveAttribute(
    "aria-current",
    "true",
  );
  await picker.getByRole("link", { name: "3 h" }).click();
  await expect(page).toHaveURL(/window_minutes=180/);
  await expect(page.getByText(/4,500 events from .* \(3 h\)/)).toBeVisible();
});

test("endpoint and host narrow the report", async ({ page, server }) => {
  const events: Event[] = Array.from({ length: 300 }, (_, place) => ({
    ts: minutesAgo(5),
    service: "shop",
    endpoint: place % 3 ? "GET /list" : "POST /buy",
    host: place % 2 ? "web-1" : "web-2",
    request: { body: { amount: place } },
    response: { status: 200, duration_ms: place },
  }));
  await server.ingest(events);
  await page.goto(`${server.url}/service?service=shop`);
  await expect(page.getByText("300 events from")).toBeVisible();
  await page.getByLabel("Endpoint").selectOption("POST /buy");
  await expect(page.getByText("100 events from")).toBeVisible();
  await page.getByLabel("Host").selectOption("web-1");
  await expect(page.getByText("50 events from")).toBeVisible();
  await expect(page).toHaveURL(/endpoint=POST\+%2Fbuy&host=web-1/);
});

test("the heat map tells each step by table too, and a check's name leads to it", async ({
  page,
  drifted,
}) => {
  await page.goto(`${drifted.url}/service?service=payments_api`);
  const map = page.getByRole("figure", { name: "Checks over time" });
  const since = `Failing in the latest whole steps: .amount. since ${clockTime.source}`;
  await expect(map).toContainText(new RegExp(since));
  await map.getByRole("button", { name: "Table" }).click();
  const failing = map.getByRole("row").filter({ hasText: /Fail: D 0\.\d+, below 0\.\d+/ });
  await expect(failing.first()).toBeVisible();
  await map.getByRole("button", { name: "Table" }).click();
  await map.getByRole("link", { name: "amount" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("amount");
});

test("a cell of the heat map leads to that moment, and back to now", async ({ page, drifted }) => {
  await page.goto(`${drifted.url}/service?service=payments_api&history=60`);
  const strip = page.getByRole("figure", { name: "Checks over time" }).locator("svg").nth(7);
  await strip.hover({ position: { x: 20, y: 8 } });
  await strip.click({ position: { x: 20, y: 8 } });
  await expect(page.getByText(/As it was at/)).toBeVisible();
  await expect(page).toHaveURL(/at=/);
  await page.getByRole("link", { name: "Back to now" }).click();
  await expect(page).not.toHaveURL(/at=/);
});

test("without a baseline the page says so and leads to building one", async ({ page, server }) => {
  await server.command("send", "baseline", "--events", "200");
  await page.goto(`${server.url}/service?service=payments_api`);
  await expect(page.getByText("There is no baseline yet")).toBeVisible();
  await page.getByRole("link", { name: "Build one" }).click();
  await expect(page).toHaveURL(/\/baselines\?service=payments_api/);
});

test("a service nobody knows is said in a sentence", async ({ page, drifted }) => {
  await page.goto(`${drifted.url}/service?service=nobody`);
  await expect(page.getByText("No events in this window.")).toBeVisible();
});
