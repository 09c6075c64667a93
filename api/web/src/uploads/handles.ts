/**
 * Files that the browser lets the page keep hold of (File System Access API), so that an upload goes on after the browser
 * was closed without the file being looked for again. Where there is no such thing, people choose the file once more.
 */

import { forget, keep, readAll } from "../kept/database";

/** A file as a person chose it, with what the page may keep of it. */
export interface Chosen {
  file: File;
  handle: FileSystemFileHandle | null;
}

interface Kept {
  /** The upload's. */
  id: string;
  handle: FileSystemFileHandle;
}

export const canPick = (): boolean => typeof showOpenFilePicker === "function";

/** Opens the browser's file box; null when the person closed it without choosing. */
export async function pick(): Promise<Chosen | null> {
  try {
    const [handle] = await showOpenFilePicker();
    return handle ? { handle, file: await handle.getFile() } : null;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

export async function keepHandle(uploadId: string, handle: FileSystemFileHandle): Promise<void> {
  // Some browsers can hold a file but not keep it: then it is asked for again, as everywhere else.
  await keep("handles", { id: uploadId, handle } as Kept).catch(() => undefined);
}

export const forgetHandle = (uploadId: string): Promise<unknown> => forget("handles", uploadId).catch(() => undefined);

/** The kept files by their uploads. */
export async function keptHandles(): Promise<Map<string, FileSystemFileHandle>> {
  const all = await readAll<Kept>("handles").catch(() => []);
  return new Map(all.map((one) => [one.id, one.handle]));
}

/** The file behind a handle, after asking the person where the browser wants that; null when it can't be read any more. */
export async function openHandle(handle: FileSystemFileHandle): Promise<File | null> {
  try {
    const allowed = (await handle.queryPermission({ mode: "read" })) === "granted";
    if (!allowed && (await handle.requestPermission({ mode: "read" })) !== "granted") return null;
    return await handle.getFile();
  } catch {
    return null;
  }
}
