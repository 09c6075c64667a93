import type { Job } from "../../api/types";
import { useWords } from "../../i18n";
import { jobs as jobWords } from "../../i18n/vi/jobs";
import { currentMe } from "../../login";
import { JobCards, useJobs } from "../../parts/jobs";
import { Page } from "../../parts/page";
import { Empty, Notice, Show } from "../../parts/show";

/** Everything uploaded that still wants a second person's eyes, then what has been released. */
export function Release() {
  const w = useWords(jobWords);
  const jobs = useJobs();
  return (
    <Page title={w.release.title} lead={w.release.lead} narrow>
      <Show of={jobs}>
        {({ items }) => {
          const waiting = items.filter((job) => job.can_release);
          const others = items.filter((job) => !job.can_release);
          return (
            <>
              <section class="stack">
                <h2>{w.release.waiting}</h2>
                {waiting.length > 0 ? (
                  <JobCards jobs={waiting} named onChange={jobs.reload} />
                ) : (
                  <Empty title={w.release.none}>
                    <p class="quiet">{w.release.noneHint}</p>
                  </Empty>
                )}
              </section>
              <section class="stack">
                <h2>{w.release.others}</h2>
                {others.length > 0 ? (
                  <JobCards jobs={others} named note={(job) => <Own job={job} />} onChange={jobs.reload} />
                ) : (
                  <Empty title={w.release.noOthers} />
                )}
              </section>
            </>
          );
        }}
      </Show>
    </Page>
  );
}

/** Why one's own upload has no release button. */
function Own({ job }: { job: Job }) {
  const w = useWords(jobWords);
  const mine = job.uploaded_by.id === currentMe()?.person.id;
  const open = !job.released_at && !["refused", "failed", "cancelled", "retracted"].includes(job.state);
  if (!mine || !open) return null;
  return <Notice tone="plain">{w.release.own}</Notice>;
}
