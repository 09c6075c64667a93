import type { Job, JobRung } from "../api/types";
import { formatPercent } from "../format";
import { useWords } from "../i18n";
import { jobs as jobWords } from "../i18n/vi/jobs";
import { Icon, type IconName } from "./icons";

const SHAPES: Record<JobRung["state"], IconName> = {
  waiting: "clock",
  running: "retry",
  done: "check",
  failed: "warning",
};

/** Each form of a file with its state by shape and word, while there is work on it or something failed. */
export function Rungs({ job }: { job: Job }) {
  const w = useWords(jobWords);
  const failed = job.rungs.filter((rung) => rung.problem);
  if (job.rungs.length < 2 || (job.stage === null && failed.length === 0)) return null;
  return (
    <>
      <ul class="rungs small" aria-label={w.jobs.rungs}>
        {job.rungs.map((rung) => (
          <li key={rung.name} class={`with-icon ${rung.state}`}>
            <Icon name={SHAPES[rung.state]} />
            <span>
              {nameOf(rung, w.rungNames)}: {w.rungStates[rung.state]}
              {rung.state === "running" && ` ${formatPercent(Math.floor(rung.progress * 100) / 100)}`}
            </span>
          </li>
        ))}
      </ul>
      {failed.map((rung) => (
        <p key={rung.name} class="small">
          {nameOf(rung, w.rungNames)}: {rung.problem?.detail}
        </p>
      ))}
    </>
  );
}

/** A rung of a later version that this page does not know yet goes by its own name. */
const nameOf = (rung: JobRung, names: Record<string, string>) => names[rung.name] ?? rung.name;
