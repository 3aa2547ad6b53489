// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` asks this server; the built page asks the one that served it.
const server = process.env["VITE_API_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __API_URL__: JSON.stringify(command === "serve" ? server : "") },
  server: { host: "localhost", port: 5173, strictPort: true },
  build: {
    outDir: process.env["DRIFTGUARD_WEB_OUT"] ?? "../build/release/web",
    emptyOutDir: true,
    target: "es2022",
    // A data: address of a small file would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}));
