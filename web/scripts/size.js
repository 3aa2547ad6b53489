// SPDX-License-Identifier: Apache-2.0
// Says how large the built page is and fails if a first load has too much script.
// Usage: node scripts/size.js BUILT_PAGE
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

// All of the script, though a view loads only its own part: no first load can have more.
const SCRIPT_BYTES_MAX = 150_000;

const assets = join(process.argv[2] ?? "../build/release/web", "assets");
const sizes = readdirSync(assets).map((name) => ({
  name,
  bytes: gzipSync(readFileSync(join(assets, name)), { level: 6 }).length,
}));
const total = (ending) =>
  sizes.filter(({ name }) => name.endsWith(ending)).reduce((sum, { bytes }) => sum + bytes, 0);

const script = total(".js");
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `web: ${kilobytes(script)} of script and ${kilobytes(total(".css"))} of style, compressed`,
);
if (script > SCRIPT_BYTES_MAX) {
  for (const { name, bytes } of sizes) console.error(`  ${kilobytes(bytes)}  ${name}`);
  console.error(`web: more script than ${kilobytes(SCRIPT_BYTES_MAX)}`);
  process.exit(1);
}
