/** The signed log of this device at one point: opened with a link, written without one, sent when there is one. */

import { NoLink, post } from "../../api/client";
import { recall, remember } from "../../device";
import { append, beginLog } from "../../kept/journal";
import { deviceKey, sign } from "../../kept/keys";

export interface ScanLog {
  id: string;
  session_id: string;
  /** By how many milliseconds the server's clock is ahead of this device's. */
  ahead: number;
}

export const entriesPath = (log: string) => `/point-logs/${log}/entries`;

/** Null when there is no link, and there was none when this page was last opened here either. */
export async function openLog(account: string, point: string): Promise<ScanLog | null> {
  const name = `scanlog.${account}.${point}`;
  try {
    const { public_key } = await deviceKey(account);
    const proof = await sign(account, ["diemcau-point-log-1", point, account].join("\n"));
    const told = await post(`/session-points/${point}/log`, { public_key, proof });
    await beginLog(told.id, told.next_number, told.head_sha256);
    const ahead = new Date(told.server_time).getTime() - Date.now();
    const log: ScanLog = { id: told.id, session_id: told.session_id, ahead };
    remember(name, JSON.stringify(log));
    return log;
  } catch (error) {
    if (!(error instanceof NoLink)) throw error;
    const known = recall(name);
    return known ? (JSON.parse(known) as ScanLog) : null;
  }
}

/** Writes one scan down; it waits in the outbox until the server has it. */
export async function writeScan(log: ScanLog, part: string, card: string, note: string): Promise<void> {
  const scanned = Math.round(Date.now() + log.ahead);
  await append(log.id, entriesPath(log.id), note, (place) => ({ log: log.id, ...place, part, card, scanned }));
}
