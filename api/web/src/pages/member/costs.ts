/** What each way to watch costs, in the words of a person who pays for megabytes. */

import type { RecordingRow, Rung } from "../../api/types";
import { formatBytes } from "../../format";
import type { Words } from "../../i18n";
import type { member } from "../../i18n/vi/member";
import { last } from "../../last";
import { linesOf, offered } from "../../player/rungs";

type MemberWords = Words<typeof member>;

/** The rungs of video that this browser can play, the lightest first. */
export function rungsOf(modes: RecordingRow["modes"]): Rung[] {
  return offered(modes.flatMap((mode) => mode.rung ?? []));
}

/** "Rõ 480 dòng · 70 MB" */
export function rungText(w: MemberWords, rung: Rung): string {
  const names: Record<string, string> = w.rungNames;
  return w.rung(names[rung.name] ?? w.watchModes.video, linesOf(rung), formatBytes(rung.bytes));
}

/** What the video takes: from the lightest rung to the heaviest. */
export function videoCost(w: MemberWords, rungs: readonly Rung[]): string {
  const [least, most] = [rungs[0], last(rungs)];
  return least && most ? w.videoCost(formatBytes(least.bytes), formatBytes(most.bytes)) : "";
}
