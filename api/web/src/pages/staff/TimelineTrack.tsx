import { useEffect } from "preact/hooks";
import { formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import { Button } from "../../parts/show";
import type { Desk } from "../../timeline/desk";
import { type Frame, TAIL_PIXELS, useFrame } from "../../timeline/frame";
import { formatTenths, ticks } from "../../timeline/scale";
import { TimelineMarks } from "./TimelineMarks";
import { TimelineOverview } from "./TimelineOverview";

const ZOOM = 2;
/** A little more than what is in view is drawn, so that scrolling shows no empty edge. */
const MARGIN_PIXELS = 240;

/** The recording as a long strip: where the picture changes, where it moves, and which page is shown when. */
export function TimelineTrack({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const { view, position, chosen } = desk;
  const length = view.duration_seconds;
  const frame = useFrame(length);
  const { pixels } = frame;
  useEffect(() => frame.reveal(position), [position]);
  useEffect(() => {
    if (chosen) frame.reveal(chosen.at);
  }, [chosen?.key]);
  const margin = pixels > 0 ? MARGIN_PIXELS / pixels : 0;
  const drawn = { from: frame.from - margin, to: frame.to + margin };
  const within = (at: number) => at >= drawn.from && at <= drawn.to;
  return (
    <section class="cue-track card stack tight" aria-labelledby="cue-track">
      <div class="line apart">
        <h2 id="cue-track">{w.track}</h2>
        <div class="line cue-zoom">
          <Button kind="second" onClick={() => frame.zoom(1 / ZOOM)}>
            {w.zoomOut}
          </Button>
          <Button kind="second" onClick={() => frame.zoom(ZOOM)}>
            {w.zoomIn}
          </Button>
          <Button kind="second" onClick={frame.fit}>
            {w.zoomFit}
          </Button>
        </div>
      </div>
      <TimelineOverview desk={desk} frame={frame} />
      <div class="cue-frame" id="cue-frame" ref={frame.element}>
        <div class="cue-length" style={{ width: `${length * pixels + TAIL_PIXELS}px` }}>
          <Ruler desk={desk} frame={frame} />
          {view.moving
            .filter(([from, to]) => to >= drawn.from && from <= drawn.to)
            .map(([from, to]) => (
              <div key={from} class="moving" style={{ left: `${from * pixels}px`, width: `${(to - from) * pixels}px` }}>
                <span>{w.moving}</span>
              </div>
            ))}
          {view.snap_seconds.filter(within).map((at) => (
            <i key={at} class="snap" style={{ left: `${at * pixels}px` }} />
          ))}
          {pixels > 0 && <TimelineMarks desk={desk} frame={frame} drawn={drawn} />}
          <i class="playhead" style={{ left: `${position * pixels}px` }} />
        </div>
      </div>
      <Legend desk={desk} />
      <p class="quiet small">{w.drag}</p>
      <p class="cue-keys quiet small" id="cue-keys">
        {w.keys}
      </p>
    </section>
  );
}

/** The scale of times, on which the playhead is put. */
function Ruler({ desk, frame }: { desk: Desk; frame: Frame }) {
  const w = useWords(timeline);
  const { position, view, seek } = desk;
  const length = view.duration_seconds;
  const onPointer = (event: PointerEvent) => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    seek(frame.secondAt(event.clientX));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: position - 1,
      ArrowRight: position + 1,
      PageDown: position - 10,
      PageUp: position + 10,
      Home: 0,
      End: length,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    seek(to);
  };
  return (
    <div
      class="ruler number"
      role="slider"
      tabIndex={0}
      aria-label={w.playhead}
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(position)}
      aria-valuetext={formatTenths(position)}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
      onKeyDown={onKeyDown}
    >
      {frame.pixels > 0 &&
        ticks(frame.from, frame.to, frame.pixels).map((at) => (
          <span key={at} style={{ left: `${at * frame.pixels}px` }}>
            {formatPosition(at)}
          </span>
        ))}
    </div>
  );
}

function Legend({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const moving = desk.view.moving.map(([from, to]) => `${formatPosition(from)}–${formatPosition(to)}`);
  return (
    <>
      <p class="cue-legend">
        <span>
          <i class="knob doubtful">?</i>
          {w.legend.doubtful}
        </span>
        <span>
          <i class="knob by-hand" />
          {w.legend.byHand}
        </span>
        <span>
          <i class="line-sample" />
          {w.legend.snap}
        </span>
        {moving.length > 0 && (
          <span>
            <i class="moving-sample" />
            {w.moving}
          </span>
        )}
      </p>
      {moving.length > 0 && <p class="unseen">{w.movingStretches(moving.join(", "))}</p>}
    </>
  );
}
