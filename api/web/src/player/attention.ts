/** Calling a person back who listens with the phone in the pocket or another page open: a chime, a buzz, the title. */

let sound: AudioContext | null = null;
/** Whoever did not come after so many calls is elsewhere, and need not be called until they were here again. */
const MOST_CALLS = 4;
let calls = 0;

/** Browsers let a page make sounds of its own only after a tap: called from the one that starts the replay. */
export function prepareChime(): void {
  if (typeof AudioContext === "undefined") return;
  sound ??= new AudioContext();
  void sound.resume().catch(() => undefined);
}

/** Two soft notes, the second higher, and a short buzz where the device can. */
export function call(): void {
  calls = document.hidden ? calls + 1 : 0;
  if (calls > MOST_CALLS) return;
  navigator.vibrate?.([180, 120, 180]);
  if (sound?.state !== "running") return;
  const from = sound.currentTime;
  for (const [n, pitch] of [660, 880].entries()) note(sound, pitch, from + n * 0.28);
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: pitch });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.25, at + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.65);
}

/**
 * Puts a sentence where it is seen while the page is not: in the title of its tab and on the locked screen's player.
 * Gives back how to take it away.
 */
export function putInTitle(text: string): () => void {
  const title = document.title;
  const playing = navigator.mediaSession?.metadata ?? null;
  const before = playing?.title;
  document.title = text;
  if (playing) playing.title = text;
  return () => {
    if (document.title === text) document.title = title;
    if (playing && before !== undefined) playing.title = before;
  };
}
