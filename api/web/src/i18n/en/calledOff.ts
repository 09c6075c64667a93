import type { calledOff as Vietnamese } from "../vi/calledOff";

export const calledOff: (typeof Vietnamese)["words"] = {
  calledOff: {
    at: (moment: string) => `This conference was called off at ${moment}.`,
    reason: (reason: string) => `Reason: ${reason}`,
    noRate: "Nobody had to come, so there is no rate, and nobody counts as absent.",
  },
};
