import { useEffect, useRef, useState } from "preact/hooks";
import type { Slide } from "../../api/types";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { last } from "../../last";
import type { Watch, WatchState } from "../../player/watch";
import { Zoomed, type ZoomState } from "./Zoom";

/** The picture: slides at their times with the speech under them, or the video. */
export function Stage({ watch, state, zoom }: { watch: Watch; state: WatchState; zoom: ZoomState }) {
  const w = useWords(player);
  const { viewing } = watch;
  const media = useRef<HTMLAudioElement & HTMLVideoElement>(null);
  useEffect(() => {
    if (media.current) return watch.attach(media.current);
  }, [watch, state.mode]);

  if (state.mode === "video") {
    return (
      <div class="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far; the slides' text is beside. */}
        <video ref={media} playsInline preload="none" aria-label={viewing.title} onClick={() => watch.toggle()} />
      </div>
    );
  }
  const slide = slideAt(state.slides, state.position);
  return (
    <div class="stage" style={slide ? { aspectRatio: `${slide.width} / ${slide.height}` } : undefined}>
      <Zoomed zoom={zoom}>
        {slide ? <SlidePicture key={slide.url} slide={slide} wanted={state.begun} /> : <p>{w.replay.noSlides}</p>}
      </Zoomed>
      {/* biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far; the slides' text is beside. */}
      <audio ref={media} preload="none" aria-label={viewing.title}>
        {viewing.speech.map((source) => (
          <source key={source.url} src={source.url} type={source.media_type} />
        ))}
      </audio>
      {state.begun && <Upcoming slides={state.slides} position={state.position} />}
      <Announcer slide={state.playing ? slide : undefined} />
    </div>
  );
}

/** How soon a slide that did not come is asked for again. */
const PICTURE_RETRY_MS = 5_000;

/** One slide. Until its picture is there, its text stands in: the speech has the link first, and comes with every slide. */
function SlidePicture({ slide, wanted }: { slide: Slide; wanted: boolean }) {
  const w = useWords(player);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (!missing) return;
    const again = () => setMissing(false);
    const timer = setTimeout(again, PICTURE_RETRY_MS);
    addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", again);
    };
  }, [missing]);
  const words = w.replay.slideAlt(slide.page, slide.text.slice(0, 200));
  if (missing || !wanted) return <p>{words}</p>;
  return <img src={slide.url} width={slide.width} height={slide.height} alt={words} onError={() => setMissing(true)} />;
}

/** A slide that stays for less is turned past, and not worth a word. */
const CALM_MS = 2_000;
const MOST_SPOKEN = 80;

/** Says to a screen reader that another slide is up, without hurry and with no more than its first words. */
function Announcer({ slide }: { slide: Slide | undefined }) {
  const w = useWords(player);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!slide) return;
    const words = w.replay.slideAlt(slide.page, slide.text.slice(0, MOST_SPOKEN));
    const timer = setTimeout(() => setSaid(words), CALM_MS);
    return () => clearTimeout(timer);
  }, [slide]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

/** The slide that is up at a position. A deck whose times are not known yet shows its first page. */
export function slideAt(slides: Slide[], position: number): Slide | undefined {
  const begun = slides.filter((slide) => slide.at_seconds !== null && slide.at_seconds <= position + 0.05);
  return last(begun) ?? slides[0];
}

/** Long enough before its time that a slide of 50 KB is there on a link of 30 kbit/s. */
const AHEAD_SECONDS = 25;

/** Fetches the next slide shortly before it is due, and no other: each costs data. */
function Upcoming({ slides, position }: { slides: Slide[]; position: number }) {
  const next = slides.find((slide) => slide.at_seconds !== null && slide.at_seconds > position);
  const due = next && (next.at_seconds ?? 0) - position <= AHEAD_SECONDS ? next.url : null;
  useEffect(() => {
    if (due) new Image().src = due;
  }, [due]);
  return null;
}
