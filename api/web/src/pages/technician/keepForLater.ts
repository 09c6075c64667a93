import { address, get } from "../../api/client";
import type { Session, SessionPointDetail } from "../../api/types";
import { keepSeen } from "../../kept/seen";

/**
 * What a technician will want when the link is gone: the rosters of the point, part by part, beside the pages' own code.
 * They are fetched one after another behind what the page shows; a lost link in between leaves what was kept before.
 */
export async function keepForLater(point: SessionPointDetail, session: Session): Promise<void> {
  const path = `/session-points/${point.id}/check-ins` as const;
  const pages = [import("./Count"), import("./Roster"), import("../../counts/door"), import("../../delivery")];
  await Promise.all(pages).catch(() => undefined);
  for (const part of session.parts) {
    const query = { part_id: part.id };
    const roster = await get(path, query).catch(() => null);
    if (!roster) return;
    await keepSeen(address(path, query), roster).catch(() => undefined);
  }
}
