/** A worker of its own: it hashes a whole file while the page sends it, and the page stays as quick as before. */

import { Sha256 } from "./sha256";

/** Small enough for the memory of an old phone, large enough not to ask the disk for every few blocks. */
const PIECE_BYTES = 2 ** 20;

addEventListener("message", async ({ data }: MessageEvent<File>) => {
  try {
    const digest = new Sha256();
    for (let at = 0; at < data.size; at += PIECE_BYTES) {
      digest.update(new Uint8Array(await data.slice(at, at + PIECE_BYTES).arrayBuffer()));
    }
    postMessage(digest.hex());
  } catch {
    // The file was moved or changed meanwhile; sending it fails for the same reason, and says so.
    postMessage(null);
  }
});
