/** Pictures made small in the page: a camera's 8 MB say no more about a full room than 200 KB, and would never arrive. */

import { Sha256 } from "../uploads/sha256";

/** Enough to read a sign-in sheet in handwriting. */
const LONGEST_SIDE = 1600;
const GOOD_BYTES = 300_000;
const QUALITIES = [0.75, 0.6, 0.45];
/** What the server takes of one. */
const MOST_BYTES = 10 * 1024 * 1024;
const SHOWN = ["image/jpeg", "image/png", "image/webp"];

/** The picture as JPEG, without what the camera noted in it (place, device); null where this browser can't read it. */
export async function shrink(file: Blob): Promise<ArrayBuffer | null> {
  try {
    return await drawn(file);
  } catch {
    // An old browser that can't draw it: small enough, it goes as it is.
    return SHOWN.includes(file.type) && file.size <= MOST_BYTES ? file.arrayBuffer() : null;
  }
}

async function drawn(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let best: Blob | null = null;
  for (const quality of QUALITIES) {
    best = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (best && best.size <= GOOD_BYTES) break;
  }
  if (!best) throw new Error("The browser could not write the picture.");
  return best.arrayBuffer();
}

export const hashOf = (bytes: ArrayBuffer) => new Sha256().update(new Uint8Array(bytes)).hex();
