// SPDX-License-Identifier: Apache-2.0
import { card, expect, test } from "./fixtures";
import { minutesAgo, type Event, type Server } from "./server";

interface Paid {
  host?: string;
  body: Record<string, unknown>;
}

function events(count: number, minutes: number, paid: (place: number) => Paid): Event[] {
  return Array.from({ length: count }, (_, place) => {
    const { host = `client-${place % 5}`, body } = paid(place);
    return {
      ts: minutesAgo(minutes),
      service: "shop",
      endpoint: "POST /buy",
      host,
      request: { body },
      response: { status: 200, duration_ms: 100 + (place % 10) },
    };
  });
}

/** A field that vanished, one that is new, one that became a text. */
async function reshaped(server: Server) {
  await server.ingest(
    events(400, 90, (place) => ({ body: { amount: place % 50, tip: 1, code: place % 7 } })),
  );
  await server.buildBaseline("shop");
  await server.ingest(
    events(300, 5, (place) => ({
      body: { amount: place % 50, coupon: "X", code: place % 2 ? place % 7 : "none" },
    })),
  );
}

test("the service says what changed in the shape of events", async ({ page, server }) => {
  await reshaped(server);
  await page.goto(`${server.url}/service?service=shop`);
  await expect(card(page, "Shape of events")).toContainText("Changes 3");
  await expect(card(page, "Shape of events")).toContainText("tip vanished at POST /buy");
  await expect(card(page, "tip missing")).toContainText("0 % in the baseline, 100 % live");
  await expect(card(page, "code of another type")).toContainText("50 %");
});

test("the check lists every change with both sides", async ({ page, server }) => {
  await reshaped(server);
  await page.goto(`${server.url}/check?service=shop&check=schema`);
  const changes = page.getByRole("table", { name: "Changes of the shape of events" });
  await expect(changes.getByRole("row", { name: /tip/ })).toContainText("Vanished");
  await expect(changes.getByRole("row", { name: /coupon/ })).toContainText("New field");
  await expect(changes.getByRole("row", { name: /code/ })).toContainText(
    "Another type: number to text",
  );
  await expect(page.getByRole("heading", { name: "Events from there" })).toHaveCount(0);
  await expect(page.getByRole("figure", { name: "Changes over time" })).toBeVisible();
  await page.goto(`${server.url}/check?service=shop&check=tip_missing`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("tip missing");
  await expect(page.getByRole("row", { name: /^Share/ })).toContainText("0 %100 %");
});

test("the check says where the drift is", async ({ page, server }) => {
  await server.ingest(
    events(500, 90, (place) => ({ body: { amount: place % 50, currency: "USD" } })),
  );
  await server.buildBaseline("shop");
  await server.ingest(
    events(500, 5, (place) => ({
      body: { amount: place % 5 === 3 ? 510 + place : place % 50, currency: "USD" },
    })),
  );
  await page.goto(`${server.url}/check?service=shop&check=amount_ks`);
  const panel = page.getByRole("region", { name: "Where is it?" });
  await expect(panel).toContainText(
    "100 % of the shift comes from host client-3, amount 500 and more.",
  );
  await expect(panel.getByRole("listitem").filter({ hasText: "client-3" })).toContainText("100 %");
  await expect(panel.getByRole("listitem").filter({ hasText: "500 and more" })).toBeVisible();
});
