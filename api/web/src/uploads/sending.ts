/** Files on their way to the server. They go on while other pages are open, and resume after the browser was closed. */

import type { DetailedError, HttpRequest, Upload, UploadOptions } from "tus-js-client";
import { API, Problem } from "../api/client";
import type { ProblemBody, UploadKind } from "../api/types";
import { makeKey } from "../device";
import { language, words } from "../i18n";
import { uploads as group } from "../i18n/vi/uploads";
import { makeStore } from "../store";
import { forgetHandle, keepHandle } from "./handles";
import { Pace } from "./pace";
import { hashWhole, type Whole } from "./whole";

export type Classification = "not-classified" | "mat" | "toi-mat" | "tuyet-mat";

export interface Wish {
  file: File;
  /** What the page may keep of the file, where the browser has such a thing. */
  handle: FileSystemFileHandle | null;
  sessionId: string;
  partId: string | null;
  kind: UploadKind;
  classification: Classification;
}

export interface Sending {
  id: string;
  /** The server's name for it, once it has one. */
  uploadId: string | null;
  sessionId: string;
  filename: string;
  kind: UploadKind;
  sent: number;
  total: number;
  state: "starting" | "sending" | "paused" | "no-link" | "done" | "refused";
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  refusal: string | null;
}

/** One request carries at most this much, so that a proxy in between that waits for whole requests loses little. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const LINK_RETRY_MS = 15_000;
/** A phone that changed its network may leave a connection on which nothing will ever come again. */
const SILENCE_MS = 45_000;

/** A header of ours: the hash of the whole file, on every piece that leaves after it is known. */
const WHOLE_SHA256 = "Upload-Whole-Sha256";

interface Running {
  upload: Upload;
  pace: Pace;
  whole: Whole;
  /** When the last byte left, on the page's own clock. */
  heardAt: number;
}

export const sendings = makeStore<Sending[]>([]);
const uploads = new Map<string, Running>();

function change(id: string, next: Partial<Sending>): void {
  sendings.set(sendings.get().map((one) => (one.id === id ? { ...one, ...next } : one)));
}

const find = (id: string) => sendings.get().find((one) => one.id === id);

/** Begins to send a file, or goes on where an earlier try with the same file stopped. */
export async function begin(wish: Wish, uploadId: string | null = null): Promise<void> {
  const id = makeKey();
  const { file, sessionId, kind } = wish;
  const fresh: Sending = {
    id,
    uploadId,
    sessionId,
    filename: file.name,
    kind,
    sent: 0,
    total: file.size,
    state: "starting",
    bytesPerSecond: null,
    secondsLeft: null,
    refusal: null,
  };
  sendings.set([...sendings.get(), fresh]);
  try {
    const { Upload: TusUpload } = await import("./tus");
    const upload = new TusUpload(file, optionsFor(id, wish, uploadId));
    uploads.set(id, { upload, pace: new Pace(), whole: hashWhole(file), heardAt: performance.now() });
    if (uploadId && wish.handle) void keepHandle(uploadId, wish.handle);
    const [previous] = await upload.findPreviousUploads();
    if (previous && !uploadId) upload.resumeFromPreviousUpload(previous);
    upload.start();
  } catch {
    // The uploader's own code could not be fetched.
    change(id, { state: "refused", refusal: words(group).uploads.noUploader });
  }
}

function optionsFor(id: string, wish: Wish, uploadId: string | null): UploadOptions {
  const { file, sessionId, partId, kind, classification } = wish;
  return {
    endpoint: `${API}/uploads`,
    uploadUrl: uploadId && `${API}/uploads/${uploadId}`,
    chunkSize: CHUNK_BYTES,
    retryDelays: [0, 1_000, 3_000, 10_000],
    removeFingerprintOnSuccess: true,
    headers: { "Accept-Language": language() },
    metadata: {
      session_id: sessionId,
      ...(partId ? { part_id: partId } : {}),
      kind,
      filename: file.name,
      classification,
    },
    // The same file sent to another conference is another upload.
    fingerprint: () => Promise.resolve(["diemcau", sessionId, kind, file.name, file.size, file.lastModified].join("|")),
    onUploadUrlAvailable: () => onUploadUrl(id, wish.handle),
    onBeforeRequest: (request) => sayWhole(id, request, file.size),
    onProgress: (sent, total) => onProgress(id, sent, total ?? file.size),
    onSuccess: () => {
      change(id, { state: "done", sent: file.size, secondsLeft: null });
      end(id);
    },
    onError: (error) => onError(id, error),
    onShouldRetry: (error) => isPassing(error),
  };
}

function onUploadUrl(id: string, handle: FileSystemFileHandle | null): void {
  const running = uploads.get(id);
  const uploadId = running?.upload.url?.split("/").pop();
  if (!running || !uploadId) return;
  // The server names itself as the world calls it; this page may know it by another name, and may ask only its own.
  running.upload.url = `${API}/uploads/${uploadId}`;
  change(id, { uploadId });
  if (handle) void keepHandle(uploadId, handle);
}

/** The last piece waits for the hash of the whole, so that no file is ever taken unchecked. */
async function sayWhole(id: string, request: HttpRequest, total: number): Promise<void> {
  const running = uploads.get(id);
  if (!running || request.getMethod() !== "PATCH") return;
  const isLast = Number(request.getHeader("Upload-Offset")) + CHUNK_BYTES >= total;
  const sha256 = isLast ? await running.whole.found : running.whole.sha256;
  if (find(id)?.state === "paused") throw new Error("It was paused while it waited.");
  if (sha256) request.setHeader(WHOLE_SHA256, sha256);
}

/** Nothing more will be sent of it: what was kept for going on may go. */
function end(id: string): void {
  uploads.get(id)?.whole.stop();
  const uploadId = find(id)?.uploadId;
  if (uploadId) void forgetHandle(uploadId);
}

function onProgress(id: string, sent: number, total: number): void {
  const known = uploads.get(id);
  if (!known || find(id)?.state === "paused") return;
  known.heardAt = performance.now();
  known.pace.add(sent, performance.now());
  change(id, {
    state: "sending",
    sent,
    bytesPerSecond: known.pace.speed(),
    secondsLeft: known.pace.secondsLeft(total),
  });
}

/** What the server said when it refused a piece; null when it did not answer, or something in between did. */
function problemOf(error: Error | DetailedError): Problem | null {
  const answer = "originalResponse" in error ? error.originalResponse : null;
  try {
    const { code, detail } = JSON.parse(answer?.getBody() ?? "") as ProblemBody;
    return new Problem(answer?.getStatus() ?? 0, code, detail);
  } catch {
    return null;
  }
}

/** Refusals that another try answers: the request that broke off still holds the upload, or bytes were lost on the way. */
const PASSING_CODES = ["offset-mismatch", "upload-busy", "upload-interrupted", "checksum-mismatch", "unavailable"];

function isPassing(error: Error | DetailedError): boolean {
  const problem = problemOf(error);
  if (problem) return PASSING_CODES.includes(problem.code) || problem.status === 429 || problem.status === 500;
  const status = ("originalResponse" in error && error.originalResponse?.getStatus()) || 0;
  return status === 0 || status >= 500;
}

function onError(id: string, error: Error | DetailedError): void {
  if (isPassing(error)) {
    change(id, { state: "no-link", secondsLeft: null, bytesPerSecond: null });
    setTimeout(() => find(id)?.state === "no-link" && resume(id), LINK_RETRY_MS);
    return;
  }
  change(id, { state: "refused", refusal: problemOf(error)?.message ?? words().unknownProblem });
  end(id);
}

export function pause(id: string): void {
  void uploads.get(id)?.upload.abort();
  change(id, { state: "paused", secondsLeft: null, bytesPerSecond: null });
}

export function resume(id: string): void {
  const known = uploads.get(id);
  if (!known) return;
  known.pace.restart();
  known.heardAt = performance.now();
  change(id, { state: "starting" });
  known.upload.start();
}

/** Begins a new connection for whatever has been silent for so long that its connection must be a dead one. */
export function reviveSilent(now: number): void {
  for (const { id, state } of sendings.get()) {
    const known = uploads.get(id);
    if (state !== "sending" || !known || now - known.heardAt < SILENCE_MS) continue;
    void known.upload.abort().then(() => resume(id));
  }
}

/** Stops for good and lets the server forget what it has. */
export async function abandon(id: string): Promise<void> {
  await uploads.get(id)?.upload.abort(true);
  end(id);
  forgetSending(id);
}

export function forgetSending(id: string): void {
  uploads.delete(id);
  sendings.set(sendings.get().filter((one) => one.id !== id));
}

if (typeof addEventListener === "function") {
  setInterval(() => reviveSilent(performance.now()), 5_000);
  addEventListener("online", () => {
    for (const one of sendings.get()) if (one.state === "no-link") resume(one.id);
  });
  addEventListener("beforeunload", (event) => {
    if (sendings.get().some((one) => ["starting", "sending"].includes(one.state))) event.preventDefault();
  });
}
