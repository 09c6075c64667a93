import type { BoardGroup, BoardTile, UnitRef } from "../../api/types";

export interface Shelf {
  /** The unit whose points these are; none where units with a single point each lie together. */
  unit: UnitRef | null;
  points: BoardTile[];
  /** How many of them are silent or in trouble. */
  urgent: number;
  /** Units that have more than one room here, so that the room's name has to tell them apart. */
  severalRooms: ReadonlySet<string>;
}

/** Fewer points than this are no group to draw by itself. */
const LEAST = 3;

/** The points by unit, what there is most to look after in first; units with hardly a point lie together. */
export function arrange(points: readonly BoardTile[], groups: readonly BoardGroup[], top: UnitRef): Shelf[] {
  const own = new Map(groups.filter((one) => one.figures.points >= LEAST).map((one) => [one.unit.id, one.unit]));
  const lying = new Map<string | null, BoardTile[]>();
  for (const point of points) {
    const key = own.has(point.group_id) ? point.group_id : null;
    lying.set(key, [...(lying.get(key) ?? []), point]);
  }
  const shelves = [...lying].map(([key, mine]) => shelfOf(key === null ? null : (own.get(key) ?? top), mine));
  return shelves.sort((a, b) => b.urgent - a.urgent);
}

function shelfOf(unit: UnitRef | null, points: BoardTile[]): Shelf {
  const seen = new Set<string>();
  const several = new Set<string>();
  for (const { unit: its } of points) {
    if (seen.has(its.id)) several.add(its.id);
    seen.add(its.id);
  }
  const urgent = points.filter((point) => point.standing !== "well").length;
  return { unit, points, urgent, severalRooms: several };
}
