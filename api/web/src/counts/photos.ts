/** A picture of a count on its way: announced with its hash, then sent in pieces that a lost link does not undo. */

import { address, fetchAnswer, get, Problem, postKept } from "../api/client";
import type { CountPhoto, NewPhoto, UnfinishedUpload } from "../api/types";

/** What the outbox keeps of a picture. */
export interface KeptPhoto {
  photo: NewPhoto;
  session_id: string;
  bytes: ArrayBuffer;
  clock_ahead?: number;
}

/** A weak link carries so much in some ten seconds: what was lost with it is little. */
const PIECE_BYTES = 48 * 1024;
const TUS = { "Tus-Resumable": "1.0.0" };
/** Another request still holds the upload, or bytes were lost on the way: trying again later is all there is to do. */
const PASSING = ["offset-mismatch", "upload-busy", "upload-interrupted", "checksum-mismatch"];

/** Delivers one picture, once: whatever of it the server has already is not sent again. */
export async function send(path: string, body: unknown): Promise<unknown> {
  const { photo, session_id, bytes, clock_ahead } = body as KeptPhoto;
  const announced = (await postKept(path, { ...photo, clock_ahead })) as CountPhoto;
  if (announced.state === "awaited") await upload(photo, session_id, bytes).catch(settle);
  return announced;
}

/** The server has these very bytes by now: that is what was wanted. */
function settle(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  if (error.code === "already-held") return;
  if (PASSING.includes(error.code)) throw new Problem(503, error.code, error.message);
  throw error;
}

async function upload(photo: NewPhoto, session_id: string, bytes: ArrayBuffer): Promise<void> {
  const filename = `${photo.client_key}.jpg`;
  const unfinished: UnfinishedUpload[] = await get("/uploads", { session_id });
  const begun = unfinished.find((one) => one.filename === filename);
  const id = begun?.id ?? (await begin(photo, session_id, filename, bytes.byteLength));
  for (let at = begun?.offset ?? 0; at < bytes.byteLength; at += PIECE_BYTES) {
    const headers = { ...TUS, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
    await fetchAnswer(address(`/uploads/${id}`), {
      method: "PATCH",
      headers,
      body: bytes.slice(at, at + PIECE_BYTES),
    });
  }
}

async function begin(photo: NewPhoto, session_id: string, filename: string, length: number): Promise<string> {
  const said = {
    session_id,
    part_id: photo.part_id,
    kind: "photo",
    filename,
    // Asked on the page before the picture was kept.
    classification: "not-classified",
    sha256: photo.sha256,
  };
  const metadata = Object.entries(said).map(([name, value]) => `${name} ${btoa(value)}`);
  const headers = { ...TUS, "Upload-Length": String(length), "Upload-Metadata": metadata.join(",") };
  const answer = await fetchAnswer(address("/uploads"), { method: "POST", headers });
  return answer.headers.get("Location")?.split("/").pop() ?? "";
}
