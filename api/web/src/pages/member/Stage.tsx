import { useEffect, useRef, useState } from "preact/hooks";
import type { Slide } from "../../api/types";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { last } from "../../last";
import type { Watch, WatchState } from "../../player/watch";

/** The picture: slides at their times with the speech under them, or the video. */
export function Stage({ watch, state }: { watch: Watch; state: WatchState }) {
  const w = useWords(member);
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
  const slide = slideAt(viewing.slides, state.position);
  return (
    <div class="stage" style={slide ? { aspectRatio: `${slide.width} / ${slide.height}` } : undefined}>
      {slide ? <SlidePicture key={slide.url} slide={slide} /> : <p>{w.replay.noSlides}</p>}
      {/* biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far; the slides' text is beside. */}
      <audio ref={media} preload="none" aria-label={viewing.title}>
        {viewing.speech.map((source) => (
          <source key={source.url} src={source.url} type={source.media_type} />
        ))}
      </audio>
      <Upcoming slides={viewing.slides} position={state.position} />
    </div>
  );
}

/** How soon a slide that did not come is asked for again. */
const PICTURE_RETRY_MS = 5_000;

/** One slide. Where the picture does not come, its text stands in for it until the link is back. */
function SlidePicture({ slide }: { slide: Slide }) {
  const w = useWords(member);
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
  if (missing) return <p>{words}</p>;
  return <img src={slide.url} width={slide.width} height={slide.height} alt={words} onError={() => setMissing(true)} />;
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
