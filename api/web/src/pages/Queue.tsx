import { useResource } from "../api/resource";
import type { QueueItem } from "../api/types";
import { useWords } from "../i18n";
import { jobs as jobWords } from "../i18n/vi/jobs";
import { Icon } from "../parts/icons";
import { Forecast, JobCard, JobCards, LOOK_AGAIN_MS } from "../parts/jobs";
import { Page } from "../parts/page";
import { Empty, Ghosts, Show } from "../parts/show";

/** What the server has before it, in the order of doing, with when it will be there. */
export function Queue() {
  const w = useWords(jobWords);
  const queue = useResource("/queue", { every: () => LOOK_AGAIN_MS });
  return (
    <Page title={w.queue.title} lead={queue.data && w.queue.lead(queue.data.workers)} narrow>
      <Show of={queue} ghosts={<Ghosts count={2} height={190} />}>
        {({ items, failed }) => (
          <>
            {items.length === 0 ? (
              <Empty title={w.queue.empty}>
                <p class="quiet">{w.queue.emptyHint}</p>
              </Empty>
            ) : (
              <ol class="stack">
                {items.map((item, place) => (
                  <li key={item.job?.id ?? `another ${place}`} class="card">
                    {item.job ? <JobCard job={item.job} named onChange={queue.reload} /> : <Another item={item} />}
                  </li>
                ))}
              </ol>
            )}
            {failed.length > 0 && (
              <section class="stack">
                <h2>{w.queue.failed}</h2>
                <p class="quiet">{w.queue.failedHint}</p>
                <JobCards jobs={failed} named onChange={queue.reload} />
              </section>
            )}
          </>
        )}
      </Show>
    </Page>
  );
}

/** Somebody else's file: it takes its time, but its name is theirs. */
function Another({ item }: { item: QueueItem }) {
  const w = useWords(jobWords);
  return (
    <div class="stack tight">
      <strong class="with-icon">
        <Icon name="lock" />
        <span>{w.queue.another}</span>
      </strong>
      <p class="quiet small">{w.queue.anotherHint}</p>
      <Forecast first={item.first_look_at} whole={item.complete_by} />
    </div>
  );
}
