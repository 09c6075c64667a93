/** A stop that does not startle: the sound goes down within half a second, and is there again in full afterwards. */

const FADE_MS = 500;
const STEP_MS = 50;
/** Not quite silent: silence would be told as muted. */
const LEAST = 0.05;

export function fadeAndPause(media: HTMLMediaElement): void {
  const full = media.volume;
  const begun = performance.now();
  const timer = setInterval(() => {
    const left = 1 - (performance.now() - begun) / FADE_MS;
    if (left > 0 && !media.paused) {
      media.volume = Math.max(LEAST, full * left);
      return;
    }
    clearInterval(timer);
    media.pause();
    media.volume = full;
  }, STEP_MS);
}
