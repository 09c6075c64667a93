import type { ComponentChildren, JSX } from "preact";
import type { Board, PointState } from "../../api/types";
import { formatNumber, formatPercent, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon, type IconName } from "../../parts/icons";
import { setQuery } from "../../router";
import { STATE_ICONS } from "./looks";

/** In the order in which a point goes through them; those in trouble have a figure of their own. */
const STATES: PointState[] = ["invited", "declined", "confirmed", "ready", "connected", "closed"];

/** The figures that are read from across the room, then those for who stands before it. */
export function Totals({ board: data, wanted, find }: { board: Board; wanted: string | null; find: JSX.Element }) {
  const w = useWords(board);
  const { total } = data;
  return (
    <section class="board-totals">
      <div class="board-present">
        <p>
          <span class="quiet">{w.board.present}</span>{" "}
          <strong class="huge number">{formatNumber(total.present)}</strong>
        </p>
        <p class="number">
          {w.board.of(formatNumber(total.expected))}
          {total.expected > 0 && ` · ${w.board.percent(formatPercent(total.present / total.expected))}`}
        </p>
        <Fill of={total.present} whole={total.expected} />
      </div>
      <Figure
        name="silent"
        icon="clock"
        value={total.silent}
        text={w.board.silent}
        hint={w.board.silentHint}
        wanted={wanted}
      />
      <Figure
        name="trouble"
        icon="warning"
        value={total.trouble}
        text={w.board.trouble}
        hint={w.board.troubleHint}
        wanted={wanted}
      />
      <dl class="board-moments" aria-label={w.board.byMoment}>
        {data.moments.map((one) => (
          <div key={one.moment}>
            <dt>{w.moments[one.moment]}</dt>
            <dd class="number">
              <strong>{one.counted > 0 ? formatNumber(one.present) : "–"}</strong>
              <span class="small">
                {one.counted > 0
                  ? w.board.counted(formatNumber(one.counted), formatNumber(total.points))
                  : w.board.dueBy(formatTime(one.late_at))}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <ul class="board-states" aria-label={w.board.byState}>
        {STATES.filter((state) => total.states[state] > 0 || state === "connected").map((state) => (
          <li key={state}>
            <Toggle name={state} wanted={wanted}>
              <Icon name={STATE_ICONS[state]} />
              {w.pointStates[state]}
              <strong class="number">{formatNumber(total.states[state])}</strong>
            </Toggle>
          </li>
        ))}
        <li class="board-find">{find}</li>
      </ul>
    </section>
  );
}

function Figure({
  name,
  icon,
  value,
  text,
  hint,
  wanted,
}: {
  name: string;
  icon: IconName;
  value: number;
  text: string;
  hint: string;
  wanted: string | null;
}) {
  return (
    <Toggle name={name} wanted={wanted} look={`board-figure ${value > 0 ? name : ""}`}>
      <strong class="huge number">{formatNumber(value)}</strong>
      <span class="with-icon">
        <Icon name={icon} />
        <strong>{text}</strong>
      </span>
      <span class="small">{hint}</span>
    </Toggle>
  );
}

/** Shows only the points of this kind; pressed again, all of them. */
function Toggle({
  name,
  wanted,
  look = "board-state",
  children,
}: {
  name: string;
  wanted: string | null;
  look?: string;
  children: ComponentChildren;
}) {
  const on = wanted === name;
  return (
    <button type="button" class={look} aria-pressed={on} onClick={() => setQuery("loc", on ? null : name)}>
      {children}
    </button>
  );
}

/** How much of what is expected is there; more than expected fills it. */
export function Fill({ of, whole }: { of: number; whole: number }) {
  const share = whole > 0 ? Math.min(1, of / whole) : 0;
  return (
    <span class="fill" aria-hidden="true">
      <i style={{ width: `${100 * share}%` }} />
    </span>
  );
}
