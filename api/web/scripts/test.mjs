/** Runs tests/*.test.ts on Node's own test runner; Vite turns them into JavaScript first, as it does the application. */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}node_modules/.tests`;
const input = readdirSync(`${root}tests`).filter((name) => name.endsWith(".test.ts"));

await build({
  root,
  configFile: false,
  logLevel: "error",
  build: {
    ssr: true,
    outDir: out,
    emptyOutDir: true,
    rolldownOptions: { input: input.map((name) => `${root}tests/${name}`), output: { entryFileNames: "[name].mjs" } },
  },
});

const built = readdirSync(out).filter((name) => name.endsWith(".test.mjs"));
const { status } = spawnSync(process.execPath, ["--test", ...built.map((name) => `${out}/${name}`)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
