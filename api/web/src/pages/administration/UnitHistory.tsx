import { useResource } from "../../api/resource";
import type { Unit, UnitStep } from "../../api/types";
import { formatDay, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { unitTree } from "../../i18n/vi/units";
import { Ghosts, Show } from "../../parts/show";

/** How many names are read out before the rest is counted. */
const NAMED = 12;

interface Turn {
  day: string;
  change: UnitStep["change"];
  before: string[];
  after: string[];
}

/** How a unit came about and what became of it, one line for each change. */
export function UnitHistory({ unit }: { unit: Unit }) {
  const w = useWords(unitTree);
  const history = useResource(`/units/${unit.id}/history`);
  return (
    <section class="card stack tight" aria-label={w.tree.historyOf(unit.name)}>
      <h2>{w.tree.historyOf(unit.name)}</h2>
      <Show of={history} ghosts={<Ghosts count={1} height={44} />}>
        {(steps) =>
          steps.length === 0 ? (
            <p class="quiet">{w.tree.noHistory}</p>
          ) : (
            <ol class="rows">
              {turnsOf(steps).map((turn) => (
                <li key={`${turn.day} ${turn.before} ${turn.after}`} class="row">
                  <span class="number quiet">{formatDay(turn.day)}</span>
                  <span class="grow">
                    <Names of={turn.before} /> <em>{w.tree.steps[turn.change]}</em> <Names of={turn.after} />
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Show>
    </section>
  );
}

function Names({ of }: { of: string[] }) {
  const w = useWords(unitTree);
  const more = of.length - NAMED;
  return (
    <>
      <strong>{of.slice(0, NAMED).join(", ")}</strong>
      {more > 0 && ` ${w.tree.andOthers(formatNumber(more))}`}
    </>
  );
}

/** Steps of one day that lead to the same unit, or come from the same one, are one change. */
function turnsOf(steps: UnitStep[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const step of steps) {
    const shared = step.change === "split" ? step.predecessor.id : step.successor.id;
    const key = `${step.on_date} ${step.change} ${shared}`;
    const turn = turns.get(key) ?? { day: step.on_date, change: step.change, before: [], after: [] };
    turn.before = [...new Set([...turn.before, step.predecessor.name])];
    turn.after = [...new Set([...turn.after, step.successor.name])];
    turns.set(key, turn);
  }
  return [...turns.values()];
}
