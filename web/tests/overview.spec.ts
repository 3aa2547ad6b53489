// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "./fixtures";
import { minutesAgo, type Event } from "./server";

test("the most troubled service stands first, and states filter", async ({ page, server }) => {
  await server.command("send", "baseline", "--events", "1200", "--service", "a_calm");
  await server.buildBaseline("a_calm");
  await server.command("send", "baseline", "--events", "1200", "--service", "z_troubled");
  await server.buildBaseline("z_troubled");
  await server.command("send", "drift-amount", "--events", "1200", "--service", "z_troubled");
  await page.goto(server.url);
  const names = page.getByRole("rowheader").getByRole("link");
  await expect(names).toHaveText(["z_troubled", "a_calm"]);

  await page
    .getByRole("navigation", { name: "Services" })
    .getByRole("link", { name: "OK 1" })
    .click();
  await expect(names).toHaveText(["a_calm"]);
  await expect(page).toHaveURL(/state=ok/);
});

test("finding by a part of the name changes the address, which alone shows the same", async ({
  page,
  server,
}) => {
  await server.ingest(
    ["checkout", "search", "search_index"].map((service) => ({
      ts: minutesAgo(1),
      service,
      endpoint: "GET /",
      response: { status: 200, duration_ms: 10 },
    })),
  );
  await page.goto(server.url);
  await page.getByLabel("Find").fill("search");
  await expect(page.getByRole("rowheader")).toHaveCount(2);
  await expect(page).toHaveURL(/q=search/);
  await page.reload();
  await expect(page.getByLabel("Find")).toHaveValue("search");
  await expect(page.getByRole("rowheader")).toHaveCount(2);
});

test("endpoints unfold beneath their service", async ({ page, server }) => {
  await server.ingest(
    ["GET /a", "GET /b"].map((endpoint) => ({
      ts: minutesAgo(1),
      service: "shop",
      endpoint,
      response: { status: 200, duration_ms: 10 },
    })),
  );
  await page.goto(server.url);
  await expect(page.getByRole("link", { name: "GET /b" })).toBeHidden();
  await page.getByRole("button", { name: "2 endpoints" }).click();
  await page.getByRole("link", { name: "GET /b" }).click();
  await expect(page).toHaveURL(/\/service\?service=shop&endpoint=GET/);
});

test("of a thousand services a hundred are drawn, and all on demand", async ({ page, server }) => {
  const events: Event[] = Array.from({ length: 1000 }, (_, place) => ({
    ts: minutesAgo(1),
    service: `service-${String(place).padStart(4, "0")}`,
    endpoint: "GET /",
    request: { body: { amount: place } },
    response: { status: place % 50 ? 200 : 500, duration_ms: 5 },
  }));
  await server.ingest(events);
  await page.goto(server.url);
  await expect(page.getByRole("link", { name: "All 1,000" })).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveCount(100);
  await expect(page.getByRole("rowheader").first()).toContainText("service-0000");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(1000);
});
