/** States by shape, word and colour together. */

import type { Basis, JobState, PointState } from "../api/types";
import { useWords } from "../i18n";
import type { IconName } from "./icons";
import { Tag, type Tone } from "./show";

const POINT_LOOKS: Record<PointState, [Tone, IconName]> = {
  invited: ["warn", "clock"],
  declined: ["plain", "cross"],
  confirmed: ["plain", "check"],
  ready: ["good", "check"],
  connected: ["good", "link"],
  trouble: ["bad", "warning"],
  closed: ["plain", "door"],
};

export function PointTag({ state }: { state: PointState }) {
  const w = useWords();
  const [tone, icon] = POINT_LOOKS[state];
  return (
    <Tag tone={tone} icon={icon}>
      {w.pointStates[state]}
    </Tag>
  );
}

const JOB_LOOKS: Record<JobState, [Tone, IconName]> = {
  received: ["plain", "clock"],
  scanning: ["plain", "search"],
  refused: ["bad", "lock"],
  held: ["warn", "lock"],
  admitted: ["plain", "clock"],
  encoding: ["plain", "retry"],
  ready: ["warn", "clock"],
  released: ["plain", "clock"],
  published: ["good", "check"],
  failed: ["bad", "warning"],
  cancelled: ["plain", "cross"],
  retracted: ["plain", "cross"],
};

export function JobTag({ state }: { state: JobState }) {
  const w = useWords();
  const [tone, icon] = JOB_LOOKS[state];
  return (
    <Tag tone={tone} icon={icon}>
      {w.jobStates[state]}
    </Tag>
  );
}

/** Whether a person has attendance, and by which way. */
export function CreditTag({ credited, basis }: { credited: boolean; basis: Basis | null }) {
  const w = useWords();
  return credited ? (
    <Tag tone="good">{basis ? w.creditedBy(w.bases[basis]) : w.credited}</Tag>
  ) : (
    <Tag tone="warn">{w.notCredited}</Tag>
  );
}
