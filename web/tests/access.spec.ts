// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, test } from "./fixtures";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = {
  overview: "/",
  service: "/service?service=payments_api",
  check: "/check?service=payments_api&check=amount_ks",
  categories: "/check?service=payments_api&check=currency_psi",
  "success rate": "/check?service=payments_api&check=success_rate",
  latency: "/check?service=payments_api&check=latency_p95",
  baselines: "/baselines?service=payments_api",
  "a past moment": "/service?service=payments_api&at=2020-01-01T00:00:00Z",
  "no such page": "/elsewhere",
};

async function violations(page: Page): Promise<string[]> {
  // The page's own policy lets no foreign script in, so this one comes by the debugger.
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    (values) =>
      (window as unknown as { axe: { run: (c: Document, o: object) => Promise<unknown> } }).axe.run(
        document,
        { runOnly: { type: "tag", values } },
      ),
    RULES,
  )) as AxeResults;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
  );
}

const ALARM_VIEWS = {
  "an overview with alarms": "/",
  "a service with an alarm": "/service?service=shop",
  "a check with an alarm": "/check?service=shop&check=amount_ks",
  "an alarm without a check": "/check?service=shop&alarm=amount_missing",
  alarms: "/alarms",
  "no alarms": "/alarms?service=calm",
};

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const [view, path] of Object.entries(VIEWS)) {
      test(`axe finds nothing in ${view}`, async ({ page, drifted }) => {
        await page.goto(drifted.url + path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByText(/^Loading/)).toHaveCount(0);
        expect(await violations(page)).toEqual([]);
      });
    }

    for (const [view, path] of Object.entries(ALARM_VIEWS)) {
      test(`axe finds nothing in ${view}`, async ({ page, alarmed }) => {
        await page.goto(alarmed.url + path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByText(/^Loading/)).toHaveCount(0);
        expect(await violations(page)).toEqual([]);
      });
    }

    test("axe finds nothing in the first start, nor in a dialog, nor in tables", async ({
      page,
      server,
    }) => {
      await page.goto(server.url);
      await expect(page.getByRole("heading", { level: 1 })).toContainText("Waiting");
      expect(await violations(page)).toEqual([]);
      await server.command("send", "baseline", "--events", "500");
      await server.buildBaseline("payments_api");
      await page.goto(`${server.url}/baselines?service=payments_api`);
      await page.getByRole("figure").getByRole("button", { name: "Table" }).click();
      await page.getByRole("button", { name: "Last 2 h" }).click();
      await page.getByRole("button", { name: "Build", exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });
  });
}

test("a phone shows every view without scrolling sideways", async ({ page, drifted, alarmed }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  const all = [
    ...Object.values(VIEWS).map((path) => ({ url: drifted.url, path })),
    ...Object.values(ALARM_VIEWS).map((path) => ({ url: alarmed.url, path })),
  ];
  for (const { url, path } of all) {
    await page.goto(url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth),
      path,
    ).toBeLessThanOrEqual(360);
  }
});

test("all can be reached by keyboard, and a new view takes the focus to its heading", async ({
  page,
  drifted,
}) => {
  await page.goto(drifted.url);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.getByRole("rowheader").getByRole("link").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("payments_api");
});

test("colours follow the system until a person chooses, and the choice stays", async ({
  page,
  drifted,
}) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(drifted.url);
  const background = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await expect.poll(background).toBe("rgb(14, 19, 24)");
  await page.getByLabel("Colours").selectOption("Light colours");
  await page.reload();
  await expect.poll(background).toBe("rgb(244, 246, 248)");
});
