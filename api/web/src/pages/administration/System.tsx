import { useResource } from "../../api/resource";
import { formatBytes, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { Page } from "../../parts/page";
import { Ghosts, Show, Tag } from "../../parts/show";

const LOOK_AGAIN_MS = 10_000;

/** How the server is doing: what waits, how full it is, and whether the audit log is sealed up to now. */
export function SystemPage() {
  const w = useWords(administration);
  const system = useResource("/system", { every: () => LOOK_AGAIN_MS });
  return (
    <Page title={w.system.title} lead={system.data && w.system.version(system.data.version)} narrow>
      <Show of={system} ghosts={<Ghosts count={3} height={120} />}>
        {({ queue, storage, audit }) => (
          <>
            <section class="card stack">
              <div class="line apart">
                <h2>{w.system.queue}</h2>
                {queue.failed > 0 ? (
                  <Tag tone="bad">{w.system.someFailed}</Tag>
                ) : (
                  <Tag tone="good">{w.system.fine}</Tag>
                )}
              </div>
              <dl class="figures">
                <div>
                  <dt>{w.system.running}</dt>
                  <dd>{formatNumber(queue.running)}</dd>
                </div>
                <div>
                  <dt>{w.system.waiting}</dt>
                  <dd>{formatNumber(queue.waiting)}</dd>
                </div>
                <div>
                  <dt>{w.system.failed}</dt>
                  <dd>{formatNumber(queue.failed)}</dd>
                </div>
              </dl>
            </section>
            <p>
              <a class="crumb" href="/quan-tri/quy-tac">
                {w.system.rules}
              </a>
            </p>
            <section class="card stack">
              <h2>{w.system.storage}</h2>
              <progress
                max={storage.used_bytes + storage.free_bytes}
                value={storage.used_bytes}
                aria-label={w.system.storage}
              />
              <p>{w.system.space(formatBytes(storage.used_bytes), formatBytes(storage.free_bytes))}</p>
            </section>
            <section class="card stack">
              <div class="line apart">
                <h2>{w.system.audit}</h2>
                {audit.sealed === audit.entries ? (
                  <Tag tone="good">{w.system.allSealed}</Tag>
                ) : (
                  <Tag tone="plain">{w.system.sealing(formatNumber(audit.entries - audit.sealed))}</Tag>
                )}
              </div>
              <p>{w.system.sealed(formatNumber(audit.sealed), formatNumber(audit.entries))}</p>
              <p>
                <a class="crumb" href="/quan-tri/nhat-ky">
                  {w.nav.audit}
                </a>
              </p>
            </section>
          </>
        )}
      </Show>
    </Page>
  );
}
