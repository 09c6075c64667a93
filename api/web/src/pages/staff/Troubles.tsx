import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { PageProps } from "../../app";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import { TroubleRow } from "../technician/TroubleRow";

const REFRESH_MS = 15_000;

/** What went wrong at the points of a conference; what goes on comes first. */
export function Troubles({ id }: PageProps) {
  const w = useWords(before);
  const [limit, setLimit] = useState(50);
  const [onlyOpen, setOnlyOpen] = useState(false);
  const session = useResource(`/sessions/${id}`, { keep: true });
  const troubles = useResource(`/sessions/${id}/troubles`, {
    query: { limit, only_open: onlyOpen },
    every: () => REFRESH_MS,
  });
  return (
    <Page
      title={w.trouble.all}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}`, text: w.nav.conferences }}
    >
      <label class="choice">
        <input type="checkbox" checked={onlyOpen} onChange={() => setOnlyOpen(!onlyOpen)} />
        <span>{w.trouble.onlyOpen}</span>
      </label>
      <Show of={troubles}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.trouble.none} />
          ) : (
            <>
              <ul class="rows">
                {items.map((one) => (
                  <TroubleRow key={one.id} trouble={one}>
                    <a class="crumb" href={`/diem-cau/${one.session_point_id}`}>
                      {one.point_name} · {one.unit.name}
                    </a>
                  </TroubleRow>
                ))}
              </ul>
              <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
            </>
          )
        }
      </Show>
    </Page>
  );
}
