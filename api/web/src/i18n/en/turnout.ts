import type { turnout as Vietnamese } from "../vi/turnout";

export const turnout: (typeof Vietnamese)["words"] = {
  turnout: {
    title: "People counted",
    lead: "Added over the points that counted. Peak and median are taken at each point and then added up.",
    part: "Part",
    peak: "Peak",
    median: "Median",
    silent: "Points without any count",
    uncounted: (points: string) => `${points} points not counted`,
    whole: "Whole conference",
    nothing: "No point has sent a headcount yet.",
  },
};
