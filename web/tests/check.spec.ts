// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "./fixtures";
import { minutesAgo, type Event } from "./server";

test("a numeric check shows both distributions, its history and events from there", async ({
  page,
  drifted,
}) => {
  await page.goto(`${drifted.url}/check?service=payments_api&check=amount_ks`);
  await expect(page.getByText(/^amount: median/)).toBeVisible();
  for (const title of [
    "Distribution",
    "Histogram",
    "D over time",
    "Latency over time",
    "Success rate over time",
  ]) {
    await expect(page.getByRole("figure", { name: title }).locator("canvas")).toBeVisible();
  }
  await expect(page.getByRole("figure", { name: "Distribution" })).toContainText(
    "The largest gap is at",
  );
  const example = page.getByRole("group").filter({ hasText: "POST /v2/payments" }).first();
  await example.click();
  await expect(example).toContainText('"currency"');
});

test("each chart can be read as a table", async ({ page, drifted }) => {
  await page.goto(`${drifted.url}/check?service=payments_api&check=amount_ks`);
  for (const title of [
    "Distribution",
    "Histogram",
    "D over time",
    "Latency over time",
    "Success rate over time",
  ]) {
    const chart = page.getByRole("figure", { name: title });
    await chart.getByRole("button", { name: "Table" }).click();
    expect(await chart.getByRole("row").count()).toBeGreaterThan(10);
  }
});

test("a categorical check names what is new and what has vanished", async ({ page, server }) => {
  const paid = (currency: string, minutes: number): Event => ({
    ts: minutesAgo(minutes),
    service: "shop",
    endpoint: "POST /buy",
    request: { body: { currency } },
  });
  const many = (currency: string, minutes: number, n: number) =>
    Array.from({ length: n }, () => paid(currency, minutes));
  await server.ingest([...many("EUR", 90, 200), ...many("DEM", 90, 100)]);
  await server.buildBaseline("shop");
  await server.ingest([...many("EUR", 5, 200), ...many("GBP", 5, 150)]);
  await page.goto(`${server.url}/check?service=shop&check=currency_psi`);
  await expect(page.getByRole("row", { name: /GBP/ })).toContainText("New");
  await expect(page.getByRole("row", { name: /DEM/ })).toContainText("Vanished");
  await expect(page.getByRole("row", { name: /EUR/ })).toContainText("66.7 %57.1 %");
});

test("service levels have their own views", async ({ page, drifted }) => {
  await page.goto(`${drifted.url}/check?service=payments_api&check=latency_p95`);
  await expect(page.getByText(/p95 .*; the limit is at most 2 s/)).toBeVisible();
  await page.goto(`${drifted.url}/check?service=payments_api&check=success_rate`);
  await expect(page.getByRole("row", { name: /^2xx/ }).first()).toBeVisible();
  await expect(page.getByText(/the limit is at least 99.5 %/)).toBeVisible();
});

test("what is redacted by now is hidden in examples too, though it was stored before", async ({
  page,
  server,
}) => {
  const paid = (amount: number, minutes: number): Event => ({
    ts: minutesAgo(minutes),
    service: "shop",
    endpoint: "POST /buy",
    request: { body: { amount, card: "4111-1111" } },
  });
  const many = (least: number, minutes: number) =>
    Array.from({ length: 200 }, (_, place) => paid(least + (place % 100), minutes));
  await server.ingest(many(100, 90));
  await server.buildBaseline("shop");
  await server.ingest(many(180, 5));
  await server.stop();
  server.configure('[[features]]\npointer = "/request/body/card"\nredact = true\n');
  await server.start();
  await page.goto(`${server.url}/check?service=shop&check=amount_ks`);
  const example = page.getByRole("group").filter({ hasText: "POST /buy" }).first();
  await example.click();
  await expect(example).toContainText('"card": "[redacted]"');
  expect(await page.getByRole("main").innerText()).not.toContain("4111");
});
