// SPDX-License-Identifier: Apache-2.0
import { card, expect, row, test } from "./fixtures";
import { minutesAgo, type Event } from "./server";

const SCRIPT = '<script>document.title="taken"</script>';
const IMAGE = '<img src=x onerror="document.title=1">';
const RTL = "שלום \u202Egnp.exe";

function events(minutes: number): Event[] {
  return Array.from({ length: 200 }, (_, place) => ({
    ts: minutesAgo(minutes),
    service: `${SCRIPT} ${RTL}`,
    endpoint: `GET /${IMAGE}`,
    host: RTL,
    request: { body: { [SCRIPT]: place + 0.5, [RTL]: place % 2 ? IMAGE : RTL } },
    response: { status: 200, duration_ms: 10 },
  }));
}

test("markup and right-to-left text in names and values are shown as text, in every view", async ({
  page,
  server,
}) => {
  const name = `${SCRIPT} ${RTL}`;
  await server.ingest(events(60));
  await server.buildBaseline(name);
  await server.ingest(events(5));
  await page.goto(server.url);
  await expect(row(page, name).first()).toContainText(`GET /${IMAGE}`);
  await row(page, name).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(card(page, SCRIPT)).toContainText("Kolmogorov-Smirnov");

  await card(page, RTL).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(RTL);
  await expect(page.getByRole("row").filter({ hasText: IMAGE }).first()).toBeVisible();
  await expect(page.locator("h1 bdi")).toHaveText(RTL);

  await page.getByRole("link", { name: "Baselines" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  await expect(page).toHaveTitle(/Baselines/);
  expect(await page.locator("img[src='x'], main script").count()).toBe(0);
});
