import { useEffect, useRef } from "preact/hooks";
import type { RoomPlayer } from "../../group/player";
import { last } from "../../last";

/** What the room sees: the video, or the slide that is up while the speech plays. */
export function Picture({ player, position }: { player: RoomPlayer; position: number }) {
  const media = useRef<HTMLAudioElement & HTMLVideoElement>(null);
  const { film } = player;
  useEffect(() => {
    if (media.current) return player.attach(media.current);
  }, [player]);
  if (player.isVideo) {
    return (
      <div class="room-picture">
        {/* biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far. */}
        <video ref={media} playsInline preload="metadata" aria-label={film.title} />
      </div>
    );
  }
  const begun = film.slides.filter((slide) => slide.at_seconds !== null && slide.at_seconds <= position + 0.05);
  const slide = last(begun) ?? film.slides[0];
  return (
    <div class="room-picture">
      {slide && (
        <img
          key={slide.url}
          src={slide.url}
          width={slide.width}
          height={slide.height}
          alt={slide.text.slice(0, 200) || film.title}
        />
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far. */}
      <audio ref={media} preload="metadata" aria-label={film.title}>
        {film.speech.map((source) => (
          <source key={source.url} src={source.url} type={source.media_type} />
        ))}
      </audio>
    </div>
  );
}
