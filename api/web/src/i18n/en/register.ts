import type { register as Vietnamese } from "../vi/register";

export const register: (typeof Vietnamese)["words"] = {
  which: "Which rooms?",
  inUse: "In use",
  retired: "Out of use",
  noneRetired: "No connection point is out of use",
  change: {
    title: "Change a connection point",
    technicianHint: "Somebody new also looks after conferences that have not started. Started ones keep who they had.",
    submit: "Save the changes",
    saved: "The changes are saved.",
    seeNew: "See the new one",
  },
  retire: {
    title: "Take out of use",
    lead: "No list offers the connection point any more. Past conferences keep it, and it can be brought back.",
    submit: "Take out of use",
    sure: (name: string) => `Take the connection point “${name}” out of use?`,
    since: (moment: string) => `This connection point has been out of use since ${moment}.`,
    bringBack: "Bring it back",
  },
  busy: {
    isRight: "That is right, add it",
    leaveOut: "Leave that room out",
  },
};
