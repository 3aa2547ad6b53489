// SPDX-License-Identifier: Apache-2.0
import { mergeConfig, defineConfig } from "vitest/config";
import vite from "./vite.config";

export default defineConfig((env) =>
  mergeConfig(vite(env), {
    test: {
      // Tests of components ask for jsdom themselves, in their first line.
      environment: "node",
      include: ["src/**/*.test.{ts,tsx}"],
      pool: "threads",
      restoreMocks: true,
    },
  }),
);
