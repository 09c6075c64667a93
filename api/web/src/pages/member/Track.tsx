import { useRef } from "preact/hooks";
import { formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { stripes } from "../../player/covered";
import type { Watch, WatchState } from "../../player/watch";
import { positionText } from "./Player";

/** The whole recording as a bar: watched stretches are solid, missing ones hatched; a tap goes there. */
export function Track({ watch, state }: { watch: Watch; state: WatchState }) {
  const w = useWords(player);
  const bar = useRef<HTMLDivElement>(null);
  const length = watch.viewing.duration_seconds;
  const onPointer = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    if (box && box.width > 0) watch.seek(((event.clientX - box.left) / box.width) * length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = targetOf(event.key, state.position, length);
    if (to === null) return;
    event.preventDefault();
    watch.seek(to);
  };
  return (
    <>
      <div
        ref={bar}
        class="track"
        role="slider"
        tabIndex={0}
        aria-label={w.replay.position}
        aria-valuemin={0}
        aria-valuemax={Math.round(length)}
        aria-valuenow={Math.round(state.position)}
        aria-valuetext={positionText(state.position, length)}
        onPointerDown={onPointer}
        onKeyDown={onKeyDown}
      >
        <div class="bed" />
        {stripes(state.covered, length).map((stripe) => (
          <div key={stripe.left} class="stripe" style={{ left: `${stripe.left}%`, width: `${stripe.width}%` }} />
        ))}
        {stripes(state.unproven, length).map((stripe) => (
          <div key={stripe.left} class="stripe wait" style={{ left: `${stripe.left}%`, width: `${stripe.width}%` }} />
        ))}
        <div class="head" style={{ left: `${(100 * state.position) / length}%` }} />
      </div>
      <p class="line apart number">
        <span>{formatPosition(state.position)}</span>
        <span class="quiet">{formatPosition(length)}</span>
      </p>
    </>
  );
}

function targetOf(key: string, position: number, length: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: position - 10,
    ArrowDown: position - 10,
    ArrowRight: position + 10,
    ArrowUp: position + 10,
    PageDown: position - 60,
    PageUp: position + 60,
    Home: 0,
    End: length,
  };
  return steps[key] ?? null;
}
