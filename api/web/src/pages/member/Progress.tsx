import { formatDuration, formatMinutes } from "../../format";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { Button } from "../../parts/show";
import { noticeable, total } from "../../player/covered";
import { nextMissing } from "../../player/moves";
import type { Watch, WatchState } from "../../player/watch";
import { Track } from "./Track";

/** What is watched, what waits for an answer and what is missing: as a bar, in words, and as ways to get there. */
export function Progress({
  watch,
  state: now,
  onSeek,
}: {
  watch: Watch;
  state: WatchState;
  onSeek: (at: number) => void;
}) {
  const w = useWords(player);
  // Whoever has the credit is asked nothing more, so nothing waits for a question.
  const state = now.credited ? { ...now, covered: [...now.covered, ...now.unproven], unproven: [] } : now;
  const waiting = total(state.unproven);
  return (
    <section class="stack tight" aria-label={w.replay.watchedBar}>
      <Track watch={watch} state={state} />
      <p class="legend">
        <span>
          <i class="done" />
          {w.replay.done(formatDuration(total(state.covered)))}
        </span>
        {waiting >= 1 && (
          <span>
            <i class="wait" />
            {w.question.pending(formatDuration(waiting))}
          </span>
        )}
        <span>
          <i class="miss" />
          {w.replay.notYet}
        </span>
      </p>
      <Missing state={state} onSeek={onSeek} />
    </section>
  );
}

const MOST_NAMED = 6;

/** The stretches still missing as buttons that lead there. */
function Missing({ state, onSeek }: { state: WatchState; onSeek: (at: number) => void }) {
  const w = useWords(player);
  const missing = noticeable(state.missing);
  const next = nextMissing(state.missing, state.position);
  if (next === null) return <p>{state.unproven.length > 0 ? w.question.pendingAll : w.replay.allWatched}</p>;
  return (
    <div class="line">
      <Button kind="second" icon="skip" onClick={() => onSeek(next)}>
        {w.replay.nextMissing}
      </Button>
      <span>{w.replay.stillMissing}</span>
      {missing.slice(0, MOST_NAMED).map((stretch) => (
        <Button
          key={stretch[0]}
          kind="second"
          onClick={() => onSeek(stretch[0])}
          aria-label={w.replay.goToMinute(formatMinutes([stretch]).join())}
        >
          {w.replay.minutes(formatMinutes([stretch]).join())}
        </Button>
      ))}
      {missing.length > MOST_NAMED && <span class="quiet">{w.replay.andMore(missing.length - MOST_NAMED)}</span>}
    </div>
  );
}
