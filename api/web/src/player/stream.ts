/** The video of a replay in its element: by the browser itself where it plays HLS, else by hls.js, fetched only then. */

import type { Attached } from "./hls";

export interface StreamWish {
  url: string;
  /** The rung chosen by hand; null lets the link decide. */
  rung: string | null;
  onLost: () => void;
}

/**
 * Browsers of Apple's kind play HLS by themselves, and well. Chromium's own player says it can as well, but cannot be
 * told how far to read ahead, which costs people money, and stops where the coding changes. The maker's name also
 * tells it in the browsers within other apps, which lack most other marks of Chromium.
 */
export function playsNatively(video: HTMLVideoElement): boolean {
  if (video.canPlayType("application/vnd.apple.mpegurl") === "") return false;
  return typeof MediaSource === "undefined" || navigator.vendor.startsWith("Apple");
}

export function openNatively(video: HTMLVideoElement, { url, rung }: StreamWish): void {
  // Such a player cannot be told which rung to take, so it gets a playlist with that one alone.
  video.src = rung === null ? url : `${url}?rung=${encodeURIComponent(rung)}`;
}

/** Null when the player's code did not arrive. */
export async function loadPlayer(): Promise<
  ((video: HTMLVideoElement, startAt: number, wish: StreamWish) => Attached) | null
> {
  const hls = await import("./hls").catch(() => null);
  return hls && ((video, startAt, { url, rung, onLost }) => hls.attach(video, url, startAt, rung, onLost));
}
