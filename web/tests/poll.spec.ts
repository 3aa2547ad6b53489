// SPDX-License-Identifier: Apache-2.0
// How soon the page says what the server knows, in polls; polling.test.ts holds how long one is.
import type { Page } from "@playwright/test";
import type { components } from "../src/api/schema";
import { card, expect, row, test } from "./fixtures";
import type { Server } from "./server";

type Report = components["schemas"]["Report"];
type Overview = components["schemas"]["Overview"];

async function prepare(server: Server): Promise<void> {
  await server.command("send", "baseline", "--events", "3000");
  await server.buildBaseline("payments_api");
}

/**
 * From now on one poll of a path reaches the server; the ones after it are held, so what the page
 * shows afterwards it knows from that one.
 */
async function letOnePollThrough(page: Page, path: string): Promise<{ polls: () => number }> {
  let polls = 0;
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      polls++;
      if (polls === 1) await route.continue();
    },
  );
  return { polls: () => polls };
}

test("the service's page goes from OK to Fail with the first poll after the drift was sent", async ({
  page,
  server,
}) => {
  await prepare(server);
  await page.goto(`${server.url}/service?service=payments_api`);
  await expect(card(page, "amount")).toContainText("OK");

  await server.command("send", "drift-amount", "--events", "2000");
  const report = await server.get<Report>("/reports/latest?service=payments_api");
  expect(report.checks["amount_ks"]?.ok).toBe(false);
  const { polls } = await letOnePollThrough(page, "/reports/latest");
  await expect(card(page, "amount")).toContainText("Fail");
  await expect(page.getByRole("main").getByText("Fail", { exact: true }).first()).toBeVisible();
  expect(polls()).toBeGreaterThan(0);
});

test("the overview goes from OK to Fail with the first poll after the server knows", async ({
  page,
  server,
}) => {
  await prepare(server);
  await page.goto(server.url);
  await expect(row(page, "payments_api")).toContainText("OK");

  await page.route(
    (url) => url.pathname === "/v1/overview",
    () => undefined,
  );
  await server.command("send", "drift-amount", "--events", "2000");
  await expect
    .poll(async () => (await server.get<Overview>("/v1/overview")).services[0]?.state)
    .toBe("fail");
  await expect(row(page, "payments_api")).toContainText("OK");
  await page.unrouteAll();
  const { polls } = await letOnePollThrough(page, "/v1/overview");
  await expect(row(page, "payments_api")).toContainText("Fail");
  await expect(row(page, "payments_api").getByRole("link", { name: "amount" })).toBeVisible();
  expect(polls()).toBeGreaterThan(0);
});
