import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { AuditEntry } from "../../api/types";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";

/** Who changed what and when, newest first. */
export function Audit() {
  const w = useWords(administration);
  const [limit, setLimit] = useState(50);
  const entries = useResource("/audit", { query: { limit } });
  return (
    <Page title={w.audit.title} lead={w.audit.lead}>
      <Show of={entries}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.audit.none} />
          ) : (
            <>
              <ol class="rows">
                {items.map((entry) => (
                  <li key={entry.id} class="row">
                    <Entry entry={entry} />
                  </li>
                ))}
              </ol>
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 100)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const w = useWords(administration);
  const actions: Record<string, string> = w.audit.actions;
  const facts = Object.entries(entry.detail).map(([name, value]) => `${name}: ${say(value)}`);
  return (
    <div class="grow stack tight">
      <div class="line apart">
        <strong>{actions[entry.action] ?? entry.action}</strong>
        <span class="quiet small number">{formatMoment(entry.at)}</span>
      </div>
      <span class="small">{entry.actor?.full_name ?? w.audit.system}</span>
      {facts.length > 0 && (
        <details>
          <summary>
            <Icon name="down" />
            {w.audit.details}
          </summary>
          <p class="small quiet">
            {entry.subject_kind} {entry.subject_id}
          </p>
          <ul class="small">
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </details>
      )}
      <span class="small quiet with-icon">
        <Icon name={entry.sealed ? "lock" : "clock"} />
        {entry.sealed ? w.audit.sealed : w.audit.notSealed}
      </span>
    </div>
  );
}

const say = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
