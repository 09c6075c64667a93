import type { BoardGroup, BoardTile, UnitRef } from "../../api/types";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon } from "../../parts/icons";
import { setQuery } from "../../router";
import { iconOf, wordOf } from "./looks";
import { arrange, type Shelf } from "./shelves";
import { Fill } from "./Totals";

/** Every point as one small tile. Without groups they lie in one row, each with the name of its room. */
export function Wall({ points, groups, top }: { points: BoardTile[]; groups?: BoardGroup[]; top?: UnitRef }) {
  if (!groups || !top) {
    return (
      <ul class="wall">
        {points.map((point) => (
          <Tile key={point.id} tile={point} room />
        ))}
      </ul>
    );
  }
  const shelves = arrange(points, groups, top);
  return (
    <div class="wall">
      {shelves.map((shelf) => (
        <section key={shelf.unit?.id ?? "direct"} class="shelf">
          {shelves.length > 1 && <Head shelf={shelf} top={top} />}
          <ul class="shelf">
            {shelf.points.map((point) => (
              <Tile key={point.id} tile={point} room={shelf.severalRooms.has(point.unit.id)} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Head({ shelf, top }: { shelf: Shelf; top: UnitRef }) {
  const w = useWords(board);
  const { unit } = shelf;
  return (
    <div class="wall-head">
      <h2>
        {unit && unit.id !== top.id ? <a href={`?don-vi=${unit.id}`}>{unit.name}</a> : (unit?.name ?? w.board.direct)}
      </h2>
      <p class="small number">{w.board.points(formatNumber(shelf.points.length))}</p>
      {shelf.urgent > 0 && <p class="urgent small number">{w.board.needsCall(formatNumber(shelf.urgent))}</p>}
    </div>
  );
}

function Tile({ tile, room }: { tile: BoardTile; room: boolean }) {
  const w = useWords(board);
  const present = tile.present === null ? "–" : formatNumber(tile.present);
  const expected = tile.expected === null ? "–" : formatNumber(tile.expected);
  return (
    <li>
      <button
        type="button"
        class={`tile ${tile.standing} ${tile.state}`}
        title={`${tile.name} · ${tile.unit.name}`}
        onClick={() => setQuery("diem", tile.id)}
      >
        <span class="tile-name">{room ? tile.name : tile.unit.name}</span>
        <span class="tile-foot">
          <Icon name={iconOf(tile)} />
          <span class="tile-word">{wordOf(tile, w)}</span>
          <span class="number">
            <strong>{present}</strong>/{expected}
          </span>
        </span>
        <Fill of={tile.present ?? 0} whole={tile.expected ?? tile.present ?? 0} />
      </button>
    </li>
  );
}
