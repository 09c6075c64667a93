import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { SessionRow } from "../../api/types";
import { useWords } from "../../i18n";
import { staff } from "../../i18n/vi/staff";
import { technician } from "../../i18n/vi/technician";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import { SessionRows } from "../technician/SessionRows";

/** The staff's home: conferences, newest first, each leading to its participation. */
export function StaffConferences() {
  const w = useWords(staff, technician);
  const [limit, setLimit] = useState(30);
  const list = useResource("/sessions", { query: { when: "all", limit } });
  return (
    <Page title={w.participation.home} lead={w.participation.homeLead}>
      <div>
        <a class="crumb" href="/danh-sach">
          <Icon name="people" />
          {w.participation.rolls}
        </a>
      </div>
      <Show of={list}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.conference.none}>
              <p class="quiet">{w.today.nothingHint}</p>
            </Empty>
          ) : (
            <>
              <SessionRows rows={newestFirst(items)} base="/can-bo" />
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 50)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

const newestFirst = (rows: SessionRow[]) => [...rows].sort((a, b) => b.starts_at.localeCompare(a.starts_at));
