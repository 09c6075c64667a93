/** Whether a file chosen again is the one whose upload was broken off, perhaps in another browser and by another name. */

import type { UnfinishedUpload } from "../api/types";
import { Sha256 } from "./sha256";

async function startOf(file: Blob, bytes: number): Promise<string> {
  return new Sha256().update(new Uint8Array(await file.slice(0, bytes).arrayBuffer())).hex();
}

/** By length and first bytes; by its name where no byte has arrived yet. */
export async function isSame(file: File, upload: UnfinishedUpload): Promise<boolean> {
  if (file.size !== upload.length) return false;
  if (upload.head_bytes === 0) return file.name.normalize("NFC") === upload.filename;
  return (await startOf(file, upload.head_bytes)) === upload.head_sha256;
}

export async function findStarted(file: File, unfinished: UnfinishedUpload[]): Promise<UnfinishedUpload | null> {
  for (const upload of unfinished) if (!upload.finished_at && (await isSame(file, upload))) return upload;
  return null;
}
