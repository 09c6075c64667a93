import { useEffect } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { PresenceClaim } from "../../api/types";
import { formatTime } from "../../format";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { Button, Failure, Show } from "../../parts/show";

/** Those who say to be in the room and have not proved it: somebody has to look. */
export function Claims({
  id,
  partId,
  count,
  onSettled,
}: {
  id: string;
  partId: string;
  count: number;
  onSettled: () => void;
}) {
  const w = useWords(doors);
  const claims = useResource(`/session-points/${id}/claims`, { query: { part_id: partId } });
  const action = useAction();
  useEffect(() => claims.reload(), [count]);
  const settle = (claim: PresenceClaim, seen: boolean) =>
    void action.run(async () => {
      await post(`/claims/${claim.id}`, { seen });
      claims.reload();
      onSettled();
    });
  return (
    <section class="stack" aria-labelledby="claims">
      <h2 id="claims">{w.claims.title}</h2>
      <p>{w.claims.lead}</p>
      <Failure error={action.error} />
      <Show of={claims} within>
        {(items) => (
          <ul class="rows">
            {items.map((claim) => (
              <li key={claim.id} class="row claim">
                <span class="grow stack tight">
                  <strong>{claim.person.full_name}</strong>
                  <small class="quiet">
                    {[
                      claim.person.unit.name,
                      w.claims.at(formatTime(claim.claimed_at)),
                      w.claims.reasons[claim.reason],
                    ].join(" · ")}
                  </small>
                </span>
                <Button kind="second" icon="check" busy={action.busy} onClick={() => settle(claim, true)}>
                  {w.claims.seen}
                  <span class="unseen"> {claim.person.full_name}</span>
                </Button>
                <Button kind="plain" icon="cross" busy={action.busy} onClick={() => settle(claim, false)}>
                  {w.claims.unseen}
                  <span class="unseen"> {claim.person.full_name}</span>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Show>
    </section>
  );
}
