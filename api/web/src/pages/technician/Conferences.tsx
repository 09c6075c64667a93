import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { useMe } from "../../login";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import { SessionRows } from "./SessionRows";

export function Conferences() {
  const w = useWords(technician);
  const me = useMe();
  const [when, setWhen] = useState<"upcoming" | "past">("upcoming");
  const [limit, setLimit] = useState(20);
  const list = useResource("/sessions", { query: { when, limit }, keep: true });
  const mayCreate = me?.roles.some((held) => held.role !== "administrator");
  return (
    <Page title={w.conference.list}>
      <div class="line apart">
        <Choice
          across
          label={w.conference.when}
          value={when}
          onValue={setWhen}
          options={[
            { value: "upcoming", text: w.conference.upcoming },
            { value: "past", text: w.conference.past },
          ]}
        />
        {mayCreate && (
          <a class="button" href="/hoi-nghi/moi">
            <Icon name="plus" />
            {w.conference.create}
          </a>
        )}
      </div>
      <Show of={list}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={when === "upcoming" ? w.today.nothing : w.conference.nonePast}>
              <p class="quiet">{w.today.nothingHint}</p>
            </Empty>
          ) : (
            <>
              <SessionRows rows={items} />
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 50)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}
