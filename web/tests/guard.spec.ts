// SPDX-License-Identifier: Apache-2.0
import { clockTime, expect, test } from "./fixtures";
import { normalThen } from "./server";

test("a service shows what the guard answers, why, and who told it otherwise until when", async ({
  page,
  server,
}) => {
  await normalThen(server, "shop", 140);
  await server.alarmed("shop", "firing");
  await page.goto(`${server.url}/service?service=shop`);
  const guard = page.getByRole("region", { name: "Guard", exact: true });
  await expect(guard).toContainText("A gateway that asks is toldDeny");
  await expect(guard).toContainText("Drift: amount fires.");
  await expect(guard).toContainText("every alarm, while no feature is marked so");
  await expect(guard.getByRole("table")).toHaveCount(0);

  const order = { service: "shop", by: "ann", minutes: 60 };
  await server.post("/v1/guard/overrides", {
    ...order,
    endpoint: "GET /admin",
    decision: "deny",
    reason: "<b>nobody</b>",
  });
  await server.post("/v1/guard/overrides", { ...order, decision: "allow", reason: "a sale" });
  await expect(guard).toContainText("toldAllow");
  await expect(guard).toContainText(new RegExp(`Allowed by ann until ${clockTime.source}: a sale`));
  const rows = guard.getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: "a sale" })).toContainText(/^Allowevery onea saleann\d/);
  await expect(rows.filter({ hasText: "GET /admin" })).toContainText("Deny");
  await expect(rows.filter({ hasText: "<b>nobody</b>" })).toHaveCount(1);

  // It is of now: a moment of the past has none.
  await page.goto(`${server.url}/service?service=shop&at=${new Date().toISOString()}`);
  await expect(page.getByRole("region", { name: "Checks" })).toBeVisible();
  await expect(guard).toHaveCount(0);
});
