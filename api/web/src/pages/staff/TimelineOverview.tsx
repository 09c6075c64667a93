import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import type { Desk } from "../../timeline/desk";
import { isDoubtful } from "../../timeline/draft";
import type { Frame } from "../../timeline/frame";
import { formatTenths } from "../../timeline/scale";

/** The whole recording as one bar; the frame on it is what the strip below shows, and goes where it is put. */
export function TimelineOverview({ desk, frame }: { desk: Desk; frame: Frame }) {
  const w = useWords(timeline);
  const { view, draft, position } = desk;
  const length = view.duration_seconds;
  const share = (seconds: number) => `${(100 * seconds) / length}%`;
  const onPointer = (event: PointerEvent) => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    const box = (event.currentTarget as Element).getBoundingClientRect();
    frame.centre(((event.clientX - box.left) / box.width) * length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const ways: Record<string, () => void> = {
      ArrowLeft: () => frame.turn(-0.5),
      ArrowRight: () => frame.turn(0.5),
      PageUp: () => frame.turn(-1),
      PageDown: () => frame.turn(1),
      Home: () => frame.centre(0),
      End: () => frame.centre(length),
    };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    way();
  };
  return (
    <div
      class="cue-overview"
      role="scrollbar"
      tabIndex={0}
      aria-controls="cue-frame"
      aria-orientation="horizontal"
      aria-label={w.overview}
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(frame.from)}
      aria-valuetext={`${formatTenths(frame.from)} – ${formatTenths(frame.to)}`}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
      onKeyDown={onKeyDown}
    >
      {view.moving.map(([from, to]) => (
        <i key={from} class="moving-sample" style={{ left: share(from), width: share(to - from) }} />
      ))}
      {draft.marks.map((mark) => (
        <i
          key={mark.key}
          class={isDoubtful(mark, view.doubtful_below) ? "tick doubtful" : "tick"}
          style={{ left: share(mark.at) }}
        />
      ))}
      <i class="playhead" style={{ left: share(position) }} />
      <i class="window" style={{ left: share(frame.from), width: share(frame.to - frame.from) }} />
    </div>
  );
}
