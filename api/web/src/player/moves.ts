/** Where a jump leads: to the slide before or after, to what is still missing, to a part of the agenda. */

import type { Agenda, Slide, Span } from "../api/types";
import { fold } from "../fold";
import { last } from "../last";
import { noticeable } from "./covered";

/** A media clock stands a hair before the second that was asked for. */
const HAIR = 0.05;
/** Who goes back from well within a slide means its beginning; right after it, the slide before. */
const WITHIN_SECONDS = 3;

const startsOf = (slides: readonly Slide[]): number[] =>
  slides.flatMap((slide) => (slide.at_seconds === null ? [] : [slide.at_seconds]));

export function nextSlide(slides: readonly Slide[], position: number): number | null {
  return startsOf(slides).find((at) => at > position + HAIR) ?? null;
}

export function slideBefore(slides: readonly Slide[], position: number): number | null {
  return last(startsOf(slides).filter((at) => at < position - WITHIN_SECONDS)) ?? null;
}

/** The beginning of the next stretch that is missing, from the position on and then from the start; null when none is. */
export function nextMissing(missing: readonly Span[], position: number): number | null {
  const starts = noticeable(missing).map(([from]) => from);
  return starts.find((from) => from > position + HAIR) ?? starts[0] ?? null;
}

export interface AgendaStop {
  title: string;
  at: number;
}

/**
 * The parts of the agenda that a jump can lead to. Where the server does not know when a part begins, the first slide
 * that bears its title does: such a slide opens it.
 */
export function agendaStops(agenda: readonly Agenda[], slides: readonly Slide[]): AgendaStop[] {
  const stops = agenda.flatMap(({ title, at_seconds }) => {
    const at = at_seconds ?? slideBearing(title, slides);
    return at === null ? [] : [{ title, at }];
  });
  return stops.sort((a, b) => a.at - b.at);
}

function slideBearing(title: string, slides: readonly Slide[]): number | null {
  const wanted = fold(title);
  const found = slides.find((slide) => slide.at_seconds !== null && fold(slide.text).includes(wanted));
  return found?.at_seconds ?? null;
}
