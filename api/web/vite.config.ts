import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";

/** Big pieces that only some visits need are not kept with the shell: the video player and the uploader. */
const ON_DEMAND = /(hls|tus)-/;

/** Tells the service worker which files make up the shell, under a version that changes when any of them does. */
function listShell(): Plugin {
  return {
    name: "list-shell",
    generateBundle: {
      // Last of all, for Vite drops pieces that turn out to hold nothing but styles.
      order: "post",
      handler(_options, bundle) {
        const built = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name) && name !== "sw.js");
        const kept = built.filter((name) => !ON_DEMAND.test(name)).sort();
        const files = ["index.html", ...kept, "favicon.svg", "manifest.webmanifest"].map((name) => `/${name}`);
        const worker = bundle["sw.js"];
        const page = bundle["index.html"];
        if (worker?.type !== "chunk" || page?.type !== "asset") throw new Error("The build made no shell.");
        const version = createHash("sha256").update(files.join()).update(page.source).update(worker.code).digest("hex");
        worker.code = worker.code
          .replaceAll("__SHELL_VERSION__", JSON.stringify(version.slice(0, 12)))
          .replaceAll("__SHELL_FILES__", JSON.stringify(files));
      },
    },
  };
}

export default defineConfig({
  plugins: [listShell()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    // Phones of 2020 are still in use; syntax newer than theirs is rewritten.
    target: ["chrome80", "firefox78", "safari14"],
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      input: { main: "index.html", sw: "src/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { proxy: { "/api": process.env.DIEMCAU_API ?? "http://127.0.0.1:8000" } },
});
