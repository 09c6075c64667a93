import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { pointLists } from "../../i18n/vi/pointLists";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";

/** Who passes the signal on to how many points, and the button that connects them by the tree of units. */
export function Relays({ sessionId, of }: { sessionId: string; of: number | undefined }) {
  const w = useWords(pointLists);
  const [changed, setChanged] = useState<number | null>(null);
  const hubs = useResource(of ? `/sessions/${sessionId}/relays` : null);
  const action = useAction();
  if (!of) return null;
  const connect = () =>
    action.run(async () => {
      setChanged((await post(`/sessions/${sessionId}/relays`, {})).changed);
      hubs.reload();
    });
  return (
    <section class="card stack">
      <h2>{w.relays.title}</h2>
      <p class="quiet">{w.relays.lead}</p>
      <Show of={hubs} ghosts={<Ghosts count={1} height={44} />}>
        {(rows) => (
          <ul class="rows">
            {rows.map((hub) => (
              <li key={hub.point_id ?? "source"} class="row">
                <span class="grow">
                  {hub.name ?? w.relays.source}
                  {hub.unit && <span class="quiet small"> · {hub.unit.name}</span>}
                </span>
                <span class="number">{w.relays.reaches(formatNumber(hub.reaches))}</span>
              </li>
            ))}
          </ul>
        )}
      </Show>
      {changed !== null && <Notice tone="good">{w.relays.changed(formatNumber(changed))}</Notice>}
      <Failure error={action.error} />
      <div>
        <Button kind="second" icon="tree" busy={action.busy} onClick={() => void connect()}>
          {w.relays.byTree}
        </Button>
      </div>
    </section>
  );
}
