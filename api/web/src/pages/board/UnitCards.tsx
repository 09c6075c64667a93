import type { Board, BoardGroup } from "../../api/types";
import { formatNumber, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon } from "../../parts/icons";

/** Units as figures, where there are more points than a wall holds: each opens to its own board. */
export function UnitCards({ board: { groups } }: { board: Board }) {
  const w = useWords(board);
  return (
    <section class="stack">
      <h2 class="unseen">{w.board.units}</h2>
      <ul class="unit-cards">
        {groups.map((group) => (
          <li key={group.unit.id}>
            <Card group={group} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ group: { unit, figures } }: { group: BoardGroup }) {
  const w = useWords(board);
  const { silent, trouble, points } = figures;
  const look = trouble > 0 ? "trouble" : silent > 0 ? "silent" : "well";
  return (
    <a class={`unit-card ${look}`} href={`?don-vi=${unit.id}`}>
      <span class="unit-name">{unit.name}</span>
      <span class="small number">
        {w.board.points(formatNumber(points))} · {w.pointStates.connected.toLowerCase()}{" "}
        {formatNumber(figures.states.connected)}
      </span>
      <span class="unit-marks number">
        {silent > 0 && (
          <span class="mark silent">
            <Icon name="clock" />
            {w.board.silent} {formatNumber(silent)}
          </span>
        )}
        {trouble > 0 && (
          <span class="mark trouble">
            <Icon name="warning" />
            {w.board.trouble} {formatNumber(trouble)}
          </span>
        )}
        {silent + trouble === 0 && (
          <span class="mark">
            <Icon name="check" />
            {w.board.allWell}
          </span>
        )}
      </span>
      <span class="shares" aria-hidden="true">
        <i class="silent" style={{ flexGrow: silent }} />
        <i class="trouble" style={{ flexGrow: trouble }} />
        <i class="well" style={{ flexGrow: points - silent - trouble }} />
      </span>
      <span class="number">
        <strong>{formatNumber(figures.present)}</strong>
        {` / ${formatNumber(figures.expected)}`}
        {figures.expected > 0 && ` · ${formatPercent(figures.present / figures.expected)}`}
      </span>
    </a>
  );
}
