import type { offline as Vietnamese } from "../vi/offline";

export const offline: (typeof Vietnamese)["words"] = {
  title: "Keep on this phone",
  keep: (size) => `Keep on this phone (${size})`,
  hint: "Slides and speech lie on the device: watch without a signal, and again without using data.",
  fetching: (have, all) => `Fetching: ${have} of ${all}.`,
  stop: "Pause",
  paused: (have, all) => `${have} of ${all} are here.`,
  cut: (have, all) => `The link was lost when ${have} of ${all} were here. It goes on from there once there is a link.`,
  goOn: "Go on fetching",
  whole: (size, day) => `Kept on this phone (${size}). It can be watched without a link until the end of ${day}.`,
  renewed: "With every link this moves on to 14 days from then.",
  remove: "Remove from this phone",
  removed: (size) => `Removed; the phone has ${size} back.`,
  noRoom: (needed, free) =>
    `This phone has ${free} left for this page, and ${needed} are needed. Remove pictures, videos or kept recordings, then retry.`,
  impossible: "This browser cannot keep recordings on the device. You can still watch with a link.",
  pieceWrong: "The recording was just made anew on the server. Remove what was fetched and fetch it again.",
  watching:
    "Playing from this phone, no link needed. What you watch is signed and kept here, and sent once there is a link.",
  leaving: {
    title: "Not everything was sent",
    undelivered: (n) =>
      `There is no link, so ${n} items are not sent yet. If you sign out now they stay on this device and are sent only when you sign in here again.`,
    again: "Send again",
    anyway: "Sign out, send later",
    stay: "Stay",
  },
};
