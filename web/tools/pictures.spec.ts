// SPDX-License-Identifier: Apache-2.0
// script/screenshots: one picture a view, of real traffic, into docs/.
import { expect, test, type Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { minutesAgo, Server } from "../tests/server";
import { readEvents, send } from "./real_traffic";

const DOCS = resolve("../docs");
const PICTURES = join(DOCS, "pictures");

// Ports of clients; and of the taxis' trips, the columns that say when and where.
const IGNORED = [
  "client",
  "trip_start_month",
  "trip_start_day",
  "trip_start_hour",
  "pickup_census_tract",
]
  .concat(["dropoff_census_tract", "pickup_latitude", "pickup_longitude"])
  .concat(["dropoff_latitude", "dropoff_longitude"]);
const CONFIGURATION = `
[[features]]
pointer = "/response/duration_ms"
name = "duration_ms"
${IGNORED.map((name) => `[[features]]\npointer = "/request/body/${name}"\nignore = true\n`).join("")}`;

async function fill(server: Server): Promise<void> {
  // Row 19,366: the service begins to be asked for code instead of conversation.
  await send(server, readEvents("azure_llm_2023", "events_switch.jsonl.gz"), [
    { rows: [17000, 17900], minutes: [1440, 360] },
    { rows: [17900, 19366], minutes: [360, 85] },
    { rows: [19366, 20200], minutes: [85, 0] },
  ]);
  // Ten services of a shop; in rows 6,955 to 11,600 something else eats the frontend's CPU.
  await send(server, readEvents("nezha_ob_0822"), [
    { rows: [0, 6955], minutes: [720, 400] },
    { rows: [80855, 88009], minutes: [390, 75] },
    { rows: [6955, 11600], minutes: [75, 0] },
  ]);
  // Trips of 2014; then of 2015 and 2016, when other companies came.
  await send(server, readEvents("chicago_taxi"), [
    { rows: [4388, 9533], minutes: [1440, 400] },
    { rows: [9533, 14169], minutes: [400, 60] },
    { rows: [14169, 15002], minutes: [60, 0] },
  ]);
  await send(server, readEvents("openstack_api"), [
    { rows: [0, 508], minutes: [720, 360] },
    { rows: [508, 1017], minutes: [360, 0] },
  ]);
}

interface Look {
  path: string;
  dark?: boolean;
  width?: number;
  height?: number;
  full?: boolean;
  before?: (page: Page) => Promise<void>;
}

const SHOP = "service=frontend&history=360";
const LLM = "service=azure-llm-inference&history=360";

const VIEWS: Record<string, Look> = {
  "../screenshot-dashboard": { path: "/", height: 960 },
  service: { path: `/service?${LLM}`, full: true },
  check: { path: `/check?${LLM}&check=GeneratedTokens_ks`, full: true },
  categories: { path: "/check?service=chicago-taxi&check=company_psi&history=360", full: true },
  alarms: { path: "/alarms", full: true },
  baselines: { path: "/baselines?service=chicago-taxi", full: true },
  dark: { path: `/service?${SHOP}`, dark: true, full: true },
  phone: { path: "/", width: 390, height: 844 },
};

/** Every trend, and each of them whole. */
async function trendsOf(page: Page): Promise<void> {
  await expect(page.getByRole("rowheader").nth(12)).toBeVisible();
  await page.waitForTimeout(45_000);
}

test("pictures", async ({ browser }) => {
  mkdirSync(PICTURES, { recursive: true });
  const server = new Server();
  server.configure(CONFIGURATION);
  await server.start();
  try {
    await picture("start", { path: "/" });
    await fill(server);
    await server.buildBaseline("chicago-taxi", {
      from: minutesAgo(400),
      to: minutesAgo(60),
    });
    await fetch(`${server.url}/v1/baselines/1/activate?service=chicago-taxi`, { method: "POST" });
    await server.alarmed("azure-llm-inference", "firing");
    for (const [name, look] of Object.entries(VIEWS)) await picture(name, look);
  } finally {
    await server.close();
  }

  async function picture(
    name: string,
    { path, dark, width = 1440, height = 900, full, before }: Look,
  ) {
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
    });
    await page.goto(server.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForFunction(() => !document.body.innerText.includes("Loading"));
    // The overview's trends come by and by.
    if (path === "/" && name !== "start") await trendsOf(page);
    await before?.(page);
    await expect(page.getByText(/^Updated/)).toBeVisible();
    await page.screenshot({
      path: join(PICTURES, `${name}.png`),
      fullPage: full ?? false,
      animations: "disabled",
    });
    await page.close();
  }
});
