/** Files on their way to the server. They go on while other pages are open, and resume after the browser was closed. */

import type { DetailedError, Upload, UploadOptions } from "tus-js-client";
import { API, Problem } from "../api/client";
import type { ProblemBody, UploadKind } from "../api/types";
import { makeKey } from "../device";
import { language, words } from "../i18n";
import { technician } from "../i18n/vi/technician";
import { makeStore } from "../store";
import { Pace } from "./pace";

export type Classification = "not-classified" | "mat" | "toi-mat" | "tuyet-mat";

export interface Wish {
  file: File;
  sessionId: string;
  partId: string | null;
  kind: UploadKind;
  classification: Classification;
}

export interface Sending {
  id: string;
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

export const sendings = makeStore<Sending[]>([]);
const uploads = new Map<string, { upload: Upload; pace: Pace }>();

function change(id: string, next: Partial<Sending>): void {
  sendings.set(sendings.get().map((one) => (one.id === id ? { ...one, ...next } : one)));
}

const find = (id: string) => sendings.get().find((one) => one.id === id);

/** Begins to send a file, or goes on where an earlier try with the same file stopped. */
export async function begin(wish: Wish, resumeAt?: string): Promise<void> {
  const id = makeKey();
  const { file, sessionId, kind } = wish;
  const fresh: Sending = {
    id,
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
    const upload = new TusUpload(file, optionsFor(id, wish, resumeAt));
    uploads.set(id, { upload, pace: new Pace() });
    const [previous] = await upload.findPreviousUploads();
    if (previous && !resumeAt) upload.resumeFromPreviousUpload(previous);
    upload.start();
  } catch {
    // The uploader's own code could not be fetched.
    change(id, { state: "refused", refusal: words(technician).upload.noUploader });
  }
}

function optionsFor(id: string, wish: Wish, resumeAt?: string): UploadOptions {
  const { file, sessionId, partId, kind, classification } = wish;
  return {
    endpoint: `${API}/uploads`,
    uploadUrl: resumeAt,
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
    onProgress: (sent, total) => onProgress(id, sent, total ?? file.size),
    onSuccess: () => change(id, { state: "done", sent: file.size, secondsLeft: null }),
    onError: (error) => onError(id, error),
    onShouldRetry: (error) => isPassing(error),
  };
}

function onProgress(id: string, sent: number, total: number): void {
  const known = uploads.get(id);
  if (!known || find(id)?.state === "paused") return;
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
  } else change(id, { state: "refused", refusal: problemOf(error)?.message ?? words().unknownProblem });
}

export function pause(id: string): void {
  void uploads.get(id)?.upload.abort();
  change(id, { state: "paused", secondsLeft: null, bytesPerSecond: null });
}

export function resume(id: string): void {
  const known = uploads.get(id);
  known?.pace.restart();
  change(id, { state: "starting" });
  known?.upload.start();
}

/** Stops for good and lets the server forget what it has. */
export async function abandon(id: string): Promise<void> {
  await uploads.get(id)?.upload.abort(true);
  forgetSending(id);
}

export function forgetSending(id: string): void {
  uploads.delete(id);
  sendings.set(sendings.get().filter((one) => one.id !== id));
}

if (typeof addEventListener === "function") {
  addEventListener("online", () => {
    for (const one of sendings.get()) if (one.state === "no-link") resume(one.id);
  });
  addEventListener("beforeunload", (event) => {
    if (sendings.get().some((one) => ["starting", "sending"].includes(one.state))) event.preventDefault();
  });
}
