/** The video player's code, in a piece of its own that is fetched when video is chosen. */

import Hls from "hls.js/dist/hls.min.mjs";

export interface Attached {
  /** Goes on at the same position with that rung, or with what the link can carry. */
  choose(rung: string | null): void;
  detach(): void;
}

/** Plays an HLS address in a video element. `onLost` is called when the stream cannot go on by itself. */
export function attach(
  video: HTMLVideoElement,
  url: string,
  startAt: number,
  rung: string | null,
  onLost: () => void,
): Attached {
  const hls = new Hls({
    startPosition: startAt,
    // Half a minute ahead: enough for a stuttering link, little enough to waste when the person leaves.
    maxBufferLength: 30,
    maxMaxBufferLength: 60,
    backBufferLength: 30,
    // Until a link has shown what it carries it is taken for a weak one: the first picture comes soon, a clearer follows.
    abrEwmaDefaultEstimate: 100_000,
  });
  const choose = (wanted: string | null) => {
    hls.nextLevel = wanted === null ? -1 : hls.levels.findIndex((one) => one.url[0]?.includes(`/${wanted}/`));
  };
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // The lightest rung is AV1 and the next H.264. Left alone, hls.js stays within the codec that it began with, and a
    // weak link would never come down to what it can carry; browsers that play both change from one to the other.
    for (const level of hls.levels) Object.assign(level, { codecSet: "any" });
    if (rung !== null) choose(rung);
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else onLost();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { choose, detach: () => hls.destroy() };
}
