import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { Button } from "../../parts/show";
import { clamp, keepPoint, nextStep } from "../../player/zoom";

/** Two taps this close together are one double tap. */
const DOUBLE_MS = 350;

export interface ZoomState {
  scale: number;
  set: (scale: number) => void;
  step: () => void;
}

export function useZoom(): ZoomState {
  const [scale, set] = useState(1);
  return { scale, set, step: () => set(nextStep) };
}

/**
 * A picture that two fingers, a double tap, a button or a key enlarge. It is moved by scrolling, as everything else on
 * the page: with a finger, the wheel, or the arrow keys while it has the focus.
 */
export function Zoomed({ zoom, children }: { zoom: ZoomState; children: ComponentChildren }) {
  const w = useWords(player);
  const frame = useRef<HTMLDivElement>(null);
  const { scale } = zoom;
  const before = useRef(scale);
  /** Where on the frame the fingers are; the middle, when it was not fingers. */
  const point = useRef<[number, number] | null>(null);
  useTouch(frame, zoom, point);
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box) return;
    const [x, y] = point.current ?? [box.clientWidth / 2, box.clientHeight / 2];
    box.scrollLeft = keepPoint(box.scrollLeft, x, before.current, scale);
    box.scrollTop = keepPoint(box.scrollTop, y, before.current, scale);
    before.current = scale;
    point.current = null;
  }, [scale]);
  const large = scale > 1;
  return (
    <div
      ref={frame}
      class={large ? "zoom large" : "zoom"}
      {...(large && { tabIndex: 0, role: "region", "aria-label": w.zoom.picture, "data-own-keys": true })}
    >
      <div style={{ width: `${scale * 100}%`, height: `${scale * 100}%` }}>{children}</div>
    </div>
  );
}

function useTouch(
  frame: { current: HTMLDivElement | null },
  zoom: ZoomState,
  point: { current: [number, number] | null },
): void {
  const now = useRef(zoom);
  now.current = zoom;
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    let pinch: { distance: number; scale: number } | null = null;
    let tapped = 0;
    const aim = (x: number, y: number) => {
      const { left, top } = box.getBoundingClientRect();
      point.current = [x - left, y - top];
    };
    const onStart = (event: TouchEvent) => {
      pinch = event.touches.length === 2 ? { distance: distanceOf(event), scale: now.current.scale } : null;
    };
    const onMove = (event: TouchEvent) => {
      const [one, two] = event.touches;
      if (!pinch || !one || !two) return;
      // Otherwise the browser would enlarge the whole page.
      event.preventDefault();
      aim((one.clientX + two.clientX) / 2, (one.clientY + two.clientY) / 2);
      now.current.set(clamp((pinch.scale * distanceOf(event)) / pinch.distance));
    };
    const onEnd = (event: TouchEvent) => {
      const [finger] = event.changedTouches;
      const single = event.touches.length === 0 && !pinch;
      if (single && finger && event.timeStamp - tapped < DOUBLE_MS) {
        event.preventDefault();
        aim(finger.clientX, finger.clientY);
        now.current.set(now.current.scale > 1 ? 1 : 2);
      }
      tapped = single ? event.timeStamp : 0;
      if (event.touches.length === 0) pinch = null;
    };
    const onDouble = (event: MouseEvent) => {
      aim(event.clientX, event.clientY);
      now.current.set(now.current.scale > 1 ? 1 : 2);
    };
    box.addEventListener("touchstart", onStart, { passive: true });
    box.addEventListener("touchmove", onMove, { passive: false });
    box.addEventListener("touchend", onEnd, { passive: false });
    box.addEventListener("dblclick", onDouble);
    return () => {
      box.removeEventListener("touchstart", onStart);
      box.removeEventListener("touchmove", onMove);
      box.removeEventListener("touchend", onEnd);
      box.removeEventListener("dblclick", onDouble);
    };
  }, []);
}

function distanceOf({ touches: [one, two] }: TouchEvent): number {
  return one && two ? Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) : 1;
}

export function ZoomButton({ zoom }: { zoom: ZoomState }) {
  const w = useWords(player);
  return (
    <Button kind="second" icon="search" aria-pressed={zoom.scale > 1} onClick={zoom.step}>
      {nextStep(zoom.scale) > zoom.scale ? w.zoom.in : w.zoom.out}
    </Button>
  );
}
