import type { Agenda as Part, Slide } from "../../api/types";
import { formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { last } from "../../last";
import { Icon } from "../../parts/icons";
import { agendaStops } from "../../player/moves";

/** The parts of the conference that a tap leads to. With a single one there is nowhere to jump. */
export function Agenda({
  agenda,
  slides,
  position,
  onSeek,
}: {
  agenda: Part[];
  slides: Slide[];
  position: number;
  onSeek: (seconds: number) => void;
}) {
  const w = useWords(player);
  const stops = agendaStops(agenda, slides);
  if (stops.length < 2) return null;
  const current = last(stops.filter((stop) => stop.at <= position));
  return (
    <details class="card" open>
      <summary>
        <Icon name="down" />
        {w.replay.agenda(stops.length)}
      </summary>
      <ol class="slide-list">
        {stops.map((stop) => (
          <li key={stop.title}>
            <button type="button" aria-current={stop === current ? "true" : undefined} onClick={() => onSeek(stop.at)}>
              <span class="number quiet small">{formatPosition(stop.at)}</span>
              <span>{stop.title}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
