// SPDX-License-Identifier: Apache-2.0
import { card, expect, test } from "./fixtures";
import { Server } from "./server";

test("a server that goes away is said, its last data stay, and its return is noticed", async ({
  page,
  server,
}) => {
  await server.command("send", "baseline", "--events", "1200");
  await server.buildBaseline("payments_api");
  await page.goto(`${server.url}/service?service=payments_api`);
  await expect(card(page, "amount")).toContainText("OK");

  await server.stop("SIGKILL");
  await expect(page.getByText(/^Server away\. Last data/)).toBeVisible();
  await expect(card(page, "amount")).toContainText("OK");

  await server.start();
  await expect(page.getByText(/^Updated \d+ s ago/)).toBeVisible();
});

test("nothing is asked for while the tab is hidden", async ({ page, server }) => {
  await server.command("send", "baseline", "--events", "100");
  await page.clock.install();
  await page.goto(server.url);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  let asked = 0;
  page.on("request", (request) => (asked += Number(request.url().includes("/v1/overview"))));
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.clock.runFor(60_000);
  expect(asked).toBe(0);

  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => asked).toBeGreaterThan(0);
});

test("what the server warns of stands above every view", async ({ page }) => {
  const server = new Server({ DRIFTGUARD_DISK_FREE_PERCENT_MIN: "99" });
  await server.start();
  try {
    for (const path of ["/", "/baselines", "/elsewhere"]) {
      await page.goto(server.url + path);
      await expect(page.getByRole("alert")).toContainText(/The disk has [\d.]+ GiB .* left/);
    }
  } finally {
    await server.close();
  }
});
