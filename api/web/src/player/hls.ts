/** The video player's code, in a piece of its own that is fetched when video is chosen. */

import Hls from "hls.js/dist/hls.min.mjs";

/** What cannot be decoded again so soon after a new beginning will not be decoded by another. */
const RECOVERS_AFTER_MS = 5_000;

export interface Attached {
  detach(): void;
}

/** Plays an HLS address in a video element, in that rung or in what the link can carry. `onLost` is called when the stream cannot go on by itself. */
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
    // hls.js never leaves the codings that it begins with, and would take AV1, which has no rung in the middle.
    videoPreference: { videoCodec: "avc1" },
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    if (rung !== null) hls.loadLevel = hls.levels.findIndex((one) => one.url[0]?.includes(`/${rung}/`));
  });
  let recoveredAt = -RECOVERS_AFTER_MS;
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    const failsAgain = performance.now() - recoveredAt < RECOVERS_AFTER_MS;
    if (data.type !== Hls.ErrorTypes.MEDIA_ERROR || failsAgain) return onLost();
    recoveredAt = performance.now();
    hls.recoverMediaError();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { detach: () => hls.destroy() };
}
