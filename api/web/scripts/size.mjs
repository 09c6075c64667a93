/**
 * Weighs the first load of the built application: the page, its styles and its code, as they travel (gzip), for the
 * sign-in and for the home of every desk. Fails above the limit, so that the application stays fit for a weak link.
 */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 30 * 1024;
const DIST = new URL("../dist/", import.meta.url);
const HOMES = {
  "sign-in": null,
  technician: "src/pages/technician/Today.tsx",
  member: "src/pages/member/Missed.tsx",
  staff: "src/pages/staff/Conferences.tsx",
  administrator: "src/pages/administration/System.tsx",
};

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));
const weigh = (file) => gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length;

/** Every file that an entry needs before it can run, itself and its styles included. */
function filesOf(name, found = new Set()) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`The build has no ${name}.`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const style of chunk.css ?? []) found.add(style);
  for (const needed of chunk.imports ?? []) filesOf(needed, found);
  return found;
}

let heaviest = 0;
for (const [home, page] of Object.entries(HOMES)) {
  const files = filesOf("index.html");
  if (page) for (const file of filesOf(page)) files.add(file);
  const bytes = weigh("index.html") + [...files].reduce((sum, file) => sum + weigh(file), 0);
  heaviest = Math.max(heaviest, bytes);
  console.log(`${home.padEnd(14)} ${(bytes / 1024).toFixed(1)} KB gzip in ${files.size + 1} files`);
}
if (heaviest > LIMIT) {
  console.error(`The first load is heavier than ${LIMIT / 1024} KB.`);
  process.exit(1);
}
