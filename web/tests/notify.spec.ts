// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./fixtures";
import { normalThen, Server } from "./server";

const SECRET = "T0SECRET";

/** Answers each message with this status. */
async function receiver(status: number): Promise<HttpServer> {
  const made = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status).end("invalid_token"));
  });
  await new Promise<void>((listening) => made.listen(0, "127.0.0.1", listening));
  return made;
}

test("an incident says who was told, and somebody acknowledges it", async ({ page }) => {
  const slack = await receiver(200);
  const webhook = await receiver(403);
  const url = (of: HttpServer) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
  const server = new Server({
    SLACK_WEBHOOK_URL: `${url(slack)}/${SECRET}`,
    DRIFTGUARD_ALERT_WEBHOOK_URL: `${url(webhook)}/${SECRET}`,
    DRIFTGUARD_ALERT_GROUP_WAIT_SECONDS: "1",
  });
  await server.start();
  try {
    await normalThen(server, "shop", 140);
    await server.alarmed("shop", "firing");
    await page.goto(`${server.url}/alarms`);
    const open = page.getByRole("region", { name: "Open incidents" });
    await expect(open).toContainText(/Slack, the openingsent/, { timeout: 30_000 });
    await expect(open).toContainText(/Webhook, the openingfailed .*403: invalid_token/);
    expect(await page.content()).not.toContain(SECRET);

    await open.getByRole("button", { name: "Acknowledge" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button", { name: "Acknowledge" })).toBeDisabled();
    await dialog.getByLabel("Your name").fill("ann");
    await dialog.getByLabel(/Note/).fill("rolling back");
    await dialog.getByRole("button", { name: "Acknowledge" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(open).toContainText(/Acknowledged by .ann. .*: .rolling back./);
    await expect(open.getByRole("button", { name: "Acknowledge" })).toHaveCount(0);
  } finally {
    await server.close();
    slack.close();
    webhook.close();
  }
});

test("alarms are silenced for a while, shown as such, and heard again", async ({
  page,
  server,
}) => {
  await normalThen(server, "shop", 140);
  await server.alarmed("shop", "firing");
  await page.goto(`${server.url}/alarms?service=shop`);
  const silences = page.getByRole("region", { name: "Silences", exact: true });
  await expect(silences).toContainText("Nothing is silenced.");
  await silences.getByRole("button", { name: "Silence alarms" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Whose alarms")).toHaveValue("shop");
  await dialog.getByLabel("Why").fill("load test");
  await dialog.getByLabel("Your name").fill("ann");
  await dialog.getByRole("button", { name: "Silence", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(silences.getByRole("row").nth(1)).toContainText(/shopevery one.*until .*load test/);
  const open = page.getByRole("region", { name: "Open incidents" });
  await expect(open).toContainText("Silenced: no message goes out.");

  await silences.getByRole("button", { name: "End silence 1" }).click();
  await dialog.getByLabel("Your name").fill("bob");
  await dialog.getByRole("button", { name: "End it" }).click();
  await expect(silences.getByRole("row").nth(1)).toContainText(/ended .* by .bob./);
  await expect(open).not.toContainText("Silenced");
});
