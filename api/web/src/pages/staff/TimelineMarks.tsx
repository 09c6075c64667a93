import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import type { Desk } from "../../timeline/desk";
import { drop, isDoubtful, type Mark, move, nudge } from "../../timeline/draft";
import type { Frame } from "../../timeline/frame";
import { nameOf, pageOf } from "../../timeline/pages";
import { formatTenths, nextMoment, PULL_PIXELS, pulledTo } from "../../timeline/scale";

/** A hand on a mark: where it would land now, and whether a moment of change has drawn it in. */
interface Drag {
  key: number;
  /** Seconds between the mark and the point at which it was taken. */
  grip: number;
  at: number;
  pulled: boolean;
}

/** Wide enough for a page's picture with its name, for the picture alone, for a number; narrower ones show nothing. */
const NAME_PIXELS = 200;
const PICTURE_PIXELS = 122;
const NUMBER_PIXELS = 54;
/** What a stretch shows begins beside its handle. */
const FACE_PIXELS = 42;
/** A handle is as wide as a thumb where there is room, and never too narrow for a mouse (WCAG 2.2, 2.5.8). */
const HANDLE_PIXELS: [least: number, most: number] = [24, 44];
/** A finger that trembles while it taps does not drag. */
const LEAST_DRAG_PIXELS = 4;

/** The marks in view: each as the stretch during which its page is shown, with a handle at its beginning. */
export function TimelineMarks({
  desk,
  frame,
  drawn,
}: {
  desk: Desk;
  frame: Frame;
  drawn: { from: number; to: number };
}) {
  const w = useWords(timeline);
  const [drag, setDrag] = useState<Drag | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const { view, chosen } = desk;
  const length = view.duration_seconds;
  const draft = drag ? move(desk.draft, drag.key, drag.at, length) : desk.draft;

  // The focus follows the choice when it was on a handle: by the arrow keys one goes on from handle to handle.
  useEffect(() => {
    const handle = list.current?.querySelector<HTMLElement>(`[data-key="${chosen?.key}"]`);
    if (handle && list.current?.contains(document.activeElement)) handle.focus({ preventScroll: true });
  }, [chosen?.key, frame.from]);

  const takeHold = (event: PointerEvent, mark: Mark) => {
    if (event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    desk.choose(mark.key);
    setDrag({ key: mark.key, grip: frame.secondAt(event.clientX) - mark.at, at: mark.at, pulled: false });
  };
  const drawAlong = (event: PointerEvent, mark: Mark) => {
    if (!drag) return;
    const to = frame.secondAt(event.clientX) - drag.grip;
    const moment = pulledTo(to, view.snap_seconds, PULL_PIXELS / frame.pixels);
    const trembles = Math.abs(to - mark.at) * frame.pixels < LEAST_DRAG_PIXELS && drag.at === mark.at;
    if (!trembles) setDrag({ ...drag, at: moment ?? Math.round(to * 10) / 10, pulled: moment !== null });
  };
  const letGo = () => {
    if (drag) desk.edit(move(desk.draft, drag.key, drag.at, length));
    setDrag(null);
  };
  const onKeyDown = (event: KeyboardEvent, mark: Mark) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actions(desk, mark)[`${event.shiftKey ? "Shift " : ""}${event.key}`];
    if (event.key === "Escape" && drag) setDrag(null);
    else if (!act) return;
    else act();
    event.preventDefault();
  };

  return (
    <ol class="cue-marks" ref={list} aria-label={w.marks}>
      {draft.marks.map((mark, i) => {
        const until = draft.marks[i + 1]?.at ?? length;
        if (until < drawn.from || mark.at > drawn.to) return null;
        const original = desk.draft.marks[i] ?? mark;
        const isChosen = mark.key === chosen?.key;
        const doubtful = isDoubtful(original, view.doubtful_below);
        const kind = doubtful ? "doubtful" : original.byHand ? "by-hand" : "found";
        const page = pageOf(view, mark);
        const name = page ? nameOf(page) : "";
        const wide = (until - mark.at) * frame.pixels;
        // What began before the part in view says at its edge what it is.
        const hidden = Math.max(0, (frame.from - mark.at) * frame.pixels);
        const free = wide - hidden;
        const held = drag?.key === mark.key;
        return (
          <li
            key={mark.key}
            class={`clip ${kind} ${isChosen ? "chosen" : ""}`}
            style={{ left: `${mark.at * frame.pixels}px`, width: `${wide}px` }}
          >
            <div class="face" aria-hidden="true" style={{ paddingLeft: `${hidden > 0 ? hidden + 8 : FACE_PIXELS}px` }}>
              {page && free >= PICTURE_PIXELS && (
                <img src={page.thumb_url} width={80} height={45} draggable={false} alt="" />
              )}
              {free >= NAME_PIXELS && <span>{name}</span>}
              {free >= NUMBER_PIXELS && free < PICTURE_PIXELS && <span>{page?.page}</span>}
            </div>
            <div
              class="handle"
              role="slider"
              data-key={mark.key}
              style={{ width: `${Math.max(HANDLE_PIXELS[0], Math.min(wide, HANDLE_PIXELS[1]))}px` }}
              tabIndex={isChosen || (!chosen && i === 0) ? 0 : -1}
              aria-label={name}
              aria-describedby="cue-keys"
              aria-valuemin={0}
              aria-valuemax={Math.round(length)}
              aria-valuenow={Math.round(mark.at)}
              aria-valuetext={w.mark(
                name,
                formatTenths(mark.at),
                kind === "doubtful" ? w.kinds.doubtful : kind === "by-hand" ? w.kinds.byHand : w.kinds.found,
              )}
              onPointerDown={(event) => takeHold(event, mark)}
              onPointerMove={(event) => drawAlong(event, original)}
              onPointerUp={letGo}
              onPointerCancel={() => setDrag(null)}
              onFocus={() => desk.choose(mark.key)}
              onKeyDown={(event) => onKeyDown(event, mark)}
            >
              <i class={`knob ${kind}`}>{doubtful ? "?" : ""}</i>
              {held && <b class={`flag number ${drag.pulled ? "pulled" : ""}`}>{formatTenths(mark.at)}</b>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** What the keys do on a handle; all of it is said under the track. */
function actions(desk: Desk, mark: Mark): Record<string, () => void> {
  const { draft, view, edit } = desk;
  const length = view.duration_seconds;
  const i = draft.marks.findIndex((one) => one.key === mark.key);
  const by = (steps: number) => edit(nudge(draft, mark.key, steps, length), `nudge ${mark.key}`);
  const to = (direction: 1 | -1) => {
    const moment = nextMoment(mark.at, view.snap_seconds, direction);
    if (moment !== null) edit(move(draft, mark.key, moment, length));
  };
  const go = (other: Mark | undefined) => other && desk.choose(other.key);
  const remove = () => {
    edit(drop(draft, mark.key));
    go(draft.marks[i + 1] ?? draft.marks[i - 1]);
  };
  return {
    ArrowLeft: () => by(-1),
    ArrowRight: () => by(1),
    "Shift ArrowLeft": () => to(-1),
    "Shift ArrowRight": () => to(1),
    ArrowUp: () => go(draft.marks[i - 1]),
    ArrowDown: () => go(draft.marks[i + 1]),
    Enter: () => desk.seek(mark.at),
    Delete: remove,
    Backspace: remove,
  };
}
