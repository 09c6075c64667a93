/** How a point looks on the board: by shape and word first, by colour besides. */

import type { BoardTile, PointState } from "../../api/types";
import type { Words } from "../../i18n";
import type { board } from "../../i18n/vi/board";
import type { IconName } from "../../parts/icons";

export const STATE_ICONS: Record<PointState, IconName> = {
  invited: "clock",
  declined: "cross",
  confirmed: "calendar",
  ready: "check",
  connected: "link",
  trouble: "warning",
  closed: "door",
};

type BoardWords = Words<typeof board>;

/** The one thing to say about a point: what is wrong, else what it owes, else how it is. */
export function wordOf(tile: BoardTile, w: BoardWords): string {
  const [trouble] = tile.troubles;
  if (tile.standing === "trouble") return trouble ? w.board.troubles[trouble] : w.pointStates.trouble;
  const [missing] = tile.missing;
  return missing ? w.board.missing[missing] : w.pointStates[tile.state];
}

export function iconOf(tile: BoardTile): IconName {
  if (tile.standing === "trouble") return "warning";
  return tile.standing === "silent" ? "clock" : STATE_ICONS[tile.state];
}
