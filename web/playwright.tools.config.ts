// SPDX-License-Identifier: Apache-2.0
// Not tests: script/screenshots makes the pictures of the docs, script/dashboard-figures measures.
import { defineConfig } from "@playwright/test";
import { browser } from "./playwright.config";

export default defineConfig({
  testDir: "tools",
  outputDir: "test-results",
  workers: 1,
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: "line",
  use: {
    launchOptions: browser,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
  },
});
