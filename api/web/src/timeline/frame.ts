import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { bounded, firstScale } from "./scale";

/** Room after the end of the recording, so that a mark at its last moment can be taken hold of. */
export const TAIL_PIXELS = 44;
const WHEEL_STEP = 0.002;

/** The part of a long recording that is in view, and how large it is drawn. */
export interface Frame {
  element: RefObject<HTMLDivElement | null>;
  /** Pixels for a second; 0 until the page is laid out. */
  pixels: number;
  /** The first and the last second in view. */
  from: number;
  to: number;
  zoom: (factor: number) => void;
  fit: () => void;
  /** Brings a moment to the middle. */
  centre: (seconds: number) => void;
  /** Goes on by so many times what is in view. */
  turn: (times: number) => void;
  /** Scrolls only if the moment is out of view. */
  reveal: (seconds: number) => void;
  /** The second that lies under a point of the screen. */
  secondAt: (clientX: number) => number;
}

export function useFrame(length: number): Frame {
  const element = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ left: 0, width: 0 });
  const [asked, setAsked] = useState<number | null>(null);
  /** The moment that stays under a point while the scale changes, and how far the frame is scrolled for that. */
  const anchor = useRef<{ at: number; x: number; left: number } | null>(null);
  const usable = Math.max(1, seen.width - TAIL_PIXELS);
  const pixels = seen.width > 0 ? bounded(asked ?? firstScale(length, usable), length, usable) : 0;

  useLayoutEffect(() => {
    const frame = element.current;
    if (!frame) return;
    const look = () => setSeen({ left: frame.scrollLeft, width: frame.clientWidth });
    const watcher = new ResizeObserver(look);
    watcher.observe(frame);
    frame.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      watcher.disconnect();
      frame.removeEventListener("scroll", look);
    };
  }, []);

  useLayoutEffect(() => {
    const held = anchor.current;
    if (!held || !element.current) return;
    element.current.scrollLeft = held.at * pixels - held.x;
    held.left = element.current.scrollLeft;
  }, [pixels]);

  /** Pixels from the left edge of what is in view, inside the frame's border. */
  const across = (clientX: number) => {
    const frame = element.current;
    return frame ? clientX - frame.getBoundingClientRect().left - frame.clientLeft : 0;
  };
  const zoomAround = (factor: number, x: number) => {
    const left = element.current?.scrollLeft ?? 0;
    const held = anchor.current;
    // Browsers scroll by whole pixels: turn after turn of the wheel at one place would add up to a drift.
    const goesOn = held && held.x === x && held.left === left;
    anchor.current = goesOn ? held : { at: (left + x) / pixels, x, left };
    setAsked(bounded(pixels * factor, length, usable));
  };
  const onWheel = useRef((_event: WheelEvent) => {});
  onWheel.current = (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    zoomAround(Math.exp(-event.deltaY * WHEEL_STEP), across(event.clientX));
  };
  useEffect(() => {
    const frame = element.current;
    const turn = (event: WheelEvent) => onWheel.current(event);
    // Only a listener that says so may keep the browser from zooming the whole page.
    frame?.addEventListener("wheel", turn, { passive: false });
    return () => frame?.removeEventListener("wheel", turn);
  }, []);

  const centre = (seconds: number) => {
    if (element.current) element.current.scrollLeft = seconds * pixels - seen.width / 2;
  };
  return {
    element,
    pixels,
    from: pixels > 0 ? seen.left / pixels : 0,
    to: pixels > 0 ? Math.min(length, (seen.left + seen.width) / pixels) : 0,
    zoom: (factor) => zoomAround(factor, seen.width / 2),
    fit: () => setAsked(0),
    centre,
    turn: (times) => {
      if (element.current) element.current.scrollLeft += times * element.current.clientWidth;
    },
    reveal: (seconds) => {
      const x = seconds * pixels - seen.left;
      if (pixels > 0 && (x < 0 || x > seen.width - TAIL_PIXELS)) centre(seconds);
    },
    secondAt: (clientX) => (pixels > 0 ? (across(clientX) + (element.current?.scrollLeft ?? 0)) / pixels : 0),
  };
}
