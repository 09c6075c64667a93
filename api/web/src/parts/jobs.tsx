/** What is being made of each upload, moving by itself while there is something to wait for. */

import type { ComponentChildren, JSX } from "preact";
import { useAction } from "../api/action";
import { post } from "../api/client";
import { useResource } from "../api/resource";
import type { Job, JobState } from "../api/types";
import { formatBytes, formatDecimal, formatMoment, formatPercent } from "../format";
import { useWords } from "../i18n";
import { jobs as jobWords } from "../i18n/vi/jobs";
import { fromNow } from "./fromNow";
import { Icon } from "./icons";
import { JobTag } from "./labels";
import { Rungs } from "./rungs";
import { Button, Failure, Notice, Show } from "./show";
import { Unlock } from "./unlock";

const MOVING: JobState[] = ["received", "scanning", "admitted", "encoding", "released"];
export const LOOK_AGAIN_MS = 3_000;

/** Whether something is still to be expected of it without anybody's doing. */
export const isMoving = (job: Job) => MOVING.includes(job.state) || job.stage !== null;

/** The jobs of one conference, or of all that the person may see. */
export function useJobs(sessionId?: string) {
  return useResource("/jobs", {
    query: { session_id: sessionId, limit: 100 },
    every: ({ items }) => (items.some(isMoving) ? LOOK_AGAIN_MS : null),
  });
}

export function JobList({ sessionId, empty }: { sessionId: string; empty: JSX.Element }) {
  const jobs = useJobs(sessionId);
  return (
    <Show of={jobs}>
      {({ items }) => (items.length === 0 ? empty : <JobCards jobs={items} onChange={jobs.reload} />)}
    </Show>
  );
}

export function JobCards({
  jobs,
  named = false,
  note,
  onChange,
}: {
  jobs: Job[];
  /** Whether each card names its conference. */
  named?: boolean;
  /** Something the page has to say about a job. */
  note?: (job: Job) => ComponentChildren;
  onChange: () => void;
}) {
  return (
    <ul class="stack">
      {jobs.map((job) => (
        <li key={job.id} class="card">
          <JobCard job={job} named={named} onChange={onChange} />
          {note?.(job)}
        </li>
      ))}
    </ul>
  );
}

export function JobCard({
  job,
  named,
  bare,
  onChange,
}: {
  job: Job;
  named: boolean;
  /** On the page about this very file, which has its own buttons. */
  bare?: boolean;
  onChange: () => void;
}) {
  const w = useWords(jobWords);
  return (
    <div class="stack tight">
      <div class="line apart">
        <strong class="with-icon">
          <Icon name={job.kind === "deck" ? "file" : "video"} />
          <span>{job.filename || w.jobs.nameless}</span>
        </strong>
        <JobTag state={job.state} />
      </div>
      {named && (
        <a class="crumb" href={`/hoi-nghi/${job.session_id}`}>
          {job.session_title}
        </a>
      )}
      <p class="quiet small">
        {w.uploadKinds[job.kind]} · {formatBytes(job.bytes)} ·{" "}
        {w.job.uploadedBy(job.uploaded_by.full_name, formatMoment(job.created_at))}
      </p>
      {isMoving(job) && <Progress job={job} />}
      <Rungs job={job} />
      {job.problem && (
        <Notice tone={job.state === "held" ? "warn" : "bad"}>
          <p>{job.problem.detail}</p>
        </Notice>
      )}
      {job.needs_password && <Unlock job={job} onChange={onChange} />}
      {job.released_by && job.released_at && (
        <p class="quiet small">{w.job.releasedBy(job.released_by.full_name, formatMoment(job.released_at))}</p>
      )}
      {job.recording_id && job.state === "published" && (
        <a class="crumb" href={`/xem-lai/${job.recording_id}`}>
          <Icon name="play" />
          {w.job.watch}
        </a>
      )}
      {job.can_correct && (
        <a class="crumb" href={`/ban-ghi/${job.recording_id}/dong-thoi-gian`}>
          <Icon name="slides" />
          {w.job.correct}
        </a>
      )}
      {job.can_inspect && !bare && (
        <a class="crumb" href={`/phat-hanh/${job.id}`}>
          <Icon name="search" />
          {w.jobs.inspect}
        </a>
      )}
      {!bare && <JobButtons job={job} onChange={onChange} />}
    </div>
  );
}

/** The bar, what is being done and how fast, and when the parts that people wait for will be there. */
function Progress({ job }: { job: Job }) {
  const w = useWords(jobWords);
  const doing = w.stages[job.stage ?? "waiting"];
  return (
    <div class="stack tight">
      {/* Nobody knows yet how much there is to do: a bar without a value says so. */}
      <progress max={1} value={job.progress > 0 ? job.progress : undefined} aria-label={job.filename} />
      <p class="small">
        {doing}
        {job.progress > 0 && ` · ${formatPercent(Math.floor(job.progress * 100) / 100)}`}
        {job.speed !== null && ` · ${w.jobs.speed(formatDecimal(job.speed))}`}
      </p>
      <Forecast first={job.first_look_at} whole={job.complete_by} deck={job.kind === "deck"} />
    </div>
  );
}

export function Forecast({ first, whole, deck }: { first: string | null; whole: string | null; deck?: boolean }) {
  const w = useWords(jobWords);
  const said = [
    first && !deck && w.jobs.firstLook(fromNow(first)),
    whole && (deck ? w.jobs.deckReady(fromNow(whole)) : w.jobs.complete(fromNow(whole))),
  ].filter(Boolean);
  return <p class="small number">{said.length > 0 ? said.join(" · ") : w.jobs.unknown}</p>;
}

function JobButtons({ job, onChange }: { job: Job; onChange: () => void }) {
  const w = useWords(jobWords);
  const action = useAction();
  const change = (verb: "release" | "retry" | "cancel" | "retract") =>
    void action.run(async () => {
      await post(`/jobs/${job.id}/${verb}`);
      onChange();
    });
  const confirmed = (question: string, verb: "cancel" | "retract") => confirm(question) && change(verb);
  if (!(job.can_release || job.can_retry || job.can_cancel || job.can_retract)) return null;
  // What can be replayed already stays when the rest is stopped.
  const partly = job.state === "ready" || job.state === "published";
  return (
    <div class="stack tight">
      <Failure error={action.error} />
      <div class="line">
        {job.can_release && (
          <Button icon="release" busy={action.busy} onClick={() => change("release")}>
            {w.job.release}
          </Button>
        )}
        {job.can_retry && (
          <Button kind="second" icon="retry" busy={action.busy} onClick={() => change("retry")}>
            {w.job.retry}
          </Button>
        )}
        {job.can_cancel && (
          <Button
            kind="plain"
            busy={action.busy}
            onClick={() => confirmed(partly && job.stage ? w.jobs.stopSure : w.job.cancelSure, "cancel")}
          >
            {partly && job.stage ? w.jobs.stop : w.job.cancel}
          </Button>
        )}
        {job.can_retract && (
          <Button kind="plain" busy={action.busy} onClick={() => confirmed(w.job.retractSure, "retract")}>
            {w.job.retract}
          </Button>
        )}
      </div>
    </div>
  );
}
