/** Writes a gzip copy beside every text file of the build, so that the server need not press the same bytes each time. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const TEXT = /\.(js|css|html|svg|webmanifest)$/;

for (const name of readdirSync(DIST, { recursive: true })) {
  if (!TEXT.test(name)) continue;
  writeFileSync(new URL(`${name}.gz`, DIST), gzipSync(readFileSync(new URL(name, DIST)), { level: 9 }));
}
