// SPDX-License-Identifier: Apache-2.0
import { test as base, expect, type Page } from "@playwright/test";
import type { components } from "../src/api/schema";
import { normalThen, Server } from "./server";

type Overview = components["schemas"]["Overview"];

interface Own {
  /** An empty server. */
  server: Server;
}
interface Shared {
  /** A server that found drift in `amount`; tests that use it only look. */
  drifted: Server;
  /** A server where an alarm of `shop` fires about `amount`, and none of `calm`. */
  alarmed: Server;
}

// A moment as the page writes it: with its day, unless that is today.
export const clockTime = /(\d{1,2} \w{3} )?\d\d:\d\d/;

export const test = base.extend<Own, Shared>({
  server: async ({}, use) => {
    const server = new Server();
    await server.start();
    await use(server);
    await server.close();
  },
  drifted: [
    async ({}, use) => {
      const server = new Server();
      await server.start();
      await server.command("send", "baseline", "--events", "3000", "--span-minutes", "110");
      await server.buildBaseline("payments_api");
      await server.command("send", "drift-amount", "--events", "1500", "--span-minutes", "10");
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  alarmed: [
    async ({}, use) => {
      const server = new Server();
      await server.start();
      await normalThen(server, "shop", 140);
      await normalThen(server, "calm", 100);
      await server.alarmed("shop", "firing");
      await server.alarmed("calm", "ok");
      // The overview is computed by and by.
      await expect
        .poll(async () => (await server.get<Overview>("/v1/overview")).totals.firing)
        .toBe(1);
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  // A message on the console is a fault: a broken Content-Security-Policy shows there, for one.
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      // An answer that was no, or a server that was stopped, is for the page to show.
      const answer = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !answer) faults.push(message.text());
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

export { expect };

/** The card of a check, by its title. */
export function card(page: Page, title: string) {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { level: 3, name: title, exact: true }) });
}

/** The overview's row of a service or an endpoint, by its name. */
export function row(page: Page, name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}
