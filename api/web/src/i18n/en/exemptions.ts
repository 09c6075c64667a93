import type { exemptions as Vietnamese } from "../vi/exemptions";

export const exemptions: (typeof Vietnamese)["words"] = {
  exemptions: {
    title: "Who is exempt",
    lead: "To be exempt from attending holds for conferences from the first day to the end of the last. Whoever is exempt on the day of a conference is on its summons with the reason, and is not among those who have to come.",
    made: "Summonses made before do not change by themselves, neither when an exemption is granted nor when it ends.",
    unit: "Show who is exempt in the unit",
    nobody: "Nobody is exempt",
    nobodyHint: "Lists brought as a file may say who is exempt, too.",
    add: "Exempt a person",
    person: "Who is exempt",
    personMissing: "Choose the person.",
    kind: "Exempt from what?",
    kindMissing: "Choose from what the person is exempt.",
    kinds: { attending: "From attending", reflection: "From the reflection" },
    kindHints: { attending: "Need neither come nor replay.", reflection: "Comes, and need not write it." },
    held: (kind: string, span: string, reason: string) =>
      `Exempt already: ${kind.toLowerCase()}, ${span}. Reason: ${reason}`,
    reason: "Reason",
    reasonHint: "In a few words; it stands beside the name in the summons. For example: old age, poor health.",
    reasonMissing: "Give a reason.",
    from: "First day",
    to: "Last day",
    toHint: "The last day on which it holds. Leave it empty while there is none yet.",
    submit: "Record the exemption",
    granted: (name: string) => `The exemption of ${name} was recorded.`,
    span: (from: string, to: string | null) =>
      to ? `from ${from} to the end of ${to}` : `from ${from}, with no end yet`,
    end: "End",
    endOf: (name: string) => `End the exemption of ${name}`,
    lastDay: "The last day on which it holds",
    keep: "Leave it",
    confirm: "End it after this day",
  },
};
