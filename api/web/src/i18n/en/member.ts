import type { member as Vietnamese } from "../vi/member";

export const member: (typeof Vietnamese)["words"] = {
  watchModes: { slides: "Slides and speech", video: "Video" },
  watchModeHints: {
    slides: "Lightest; clear also on a weak link.",
    video: "Shows the speaker; needs a better link. The picture follows the link and can be changed while watching:",
  },
  rungNames: { a360: "Lightest", v360: "Light", v480: "Clear", a720: "Very clear", copy: "As recorded" },
  rung: (name, lines, size) => `${[name, lines && `${lines} lines`].filter(Boolean).join(" ")} · ${size}`,
  videoCost: (least, most) => (least === most ? `about ${least}` : `about ${least} to ${most}`),
  missed: {
    title: "What I missed",
    lead: "Watch enough of the replay and your attendance is credited.",
    none: "You have nothing to make up for",
    noneHint: "When you miss a conference and its replay is there, it appears here.",
    watch: "Watch",
    others: "Other replays",
    watchedOf: (watched: string, whole: string) => `Watched ${watched} of ${whole}.`,
    lasts: (whole: string) => `Lasts ${whole}.`,
    about: (size: string) => `about ${size}`,
    until: (day: string, days: number) => `By ${day}, ${days} days left`,
    untilMoment: (moment: string) => `By ${moment}`,
    late: (day: string) => `Was due by ${day}`,
  },
  credits: {
    title: "My credits",
    lead: "The conferences you were summoned to, and why each is credited or not.",
    none: "No conferences yet",
    noneHint: "When you are summoned to a conference, the result appears here.",
    granted: (moment: string) => `Credited at ${moment}.`,
    ahead: "Coming up",
    makeUp: "Watch the replay to be credited",
  },
};
