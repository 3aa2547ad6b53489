// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "@playwright/test";

// The browser is Debian's; as root, in a container, it has no sandbox of its own.
export const browser = {
  executablePath: "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
};

const results = process.env["DRIFTGUARD_RESULTS"];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  // How long to wait for what must come, not how fast it must be.
  expect: { timeout: 20_000 },
  reporter: results ? [["list"], ["junit", { outputFile: `${results}/browser.xml` }]] : "list",
  use: {
    launchOptions: browser,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
  },
});
