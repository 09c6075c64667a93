import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Incident } from "../../api/types";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { gate } from "../../i18n/vi/gate";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import "./inspect.css";

/** What the gate turned away, for those to whom a unit's security is entrusted. */
export function Incidents() {
  const w = useWords(gate);
  const [limit, setLimit] = useState(50);
  const incidents = useResource("/incidents", { query: { limit } });
  return (
    <Page title={w.incidents.title} lead={w.incidents.lead} narrow>
      <Show of={incidents}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.incidents.none} />
          ) : (
            <>
              <ul class="stack">
                {items.map((one) => (
                  <li key={one.id} class="card stack tight">
                    <strong class="with-icon">
                      <Icon name="lock" />
                      <Rule rule={one.rule} />
                    </strong>
                    <span class="quiet small">
                      {formatMoment(one.at)} · {one.person.full_name} · {one.session?.title ?? w.incidents.typed}
                    </span>
                    {one.sha256 && (
                      <span class="small">
                        {w.incidents.hash}: <span class="hash">{one.sha256}</span>
                      </span>
                    )}
                  </li>
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

function Rule({ rule }: { rule: Incident["rule"] }) {
  const w = useWords(gate);
  const [kind, name = ""] = rule.split(":");
  if (kind === "declared") return <span>{w.incidents.declared}</span>;
  return <span>{name === "by-hand" ? w.incidents.byHand : w.incidents.marking(name)}</span>;
}
