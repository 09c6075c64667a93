import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatMoment, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { Button, Failure, Notice } from "../../parts/show";

/** Giving the point to somebody else for today: a code for the telephone, and who had it before. */
export function Handover({ pointId }: { pointId: string }) {
  const w = useWords(counts);
  const action = useAction();
  const past = useResource(`/session-points/${pointId}/handovers`, { keep: true });
  const [made, setMade] = useState<{ code: string; expires_at: string } | null>(null);
  const offer = () => action.run(async () => setMade(await post(`/session-points/${pointId}/handover-code`)));
  return (
    <section class="stack">
      <h2>{w.handover.title}</h2>
      <p class="quiet">{w.handover.lead}</p>
      {(past.data ?? []).map((one) => (
        <p key={one.taken_at}>
          {w.handover.history(
            one.from_person?.full_name ?? w.handover.somebody,
            one.to_person.full_name,
            formatMoment(one.taken_at),
          )}
        </p>
      ))}
      <Failure error={action.error} />
      {made && (
        <Notice tone="plain">
          <p>
            {w.handover.code}: <strong class="number handover-code">{made.code}</strong>
          </p>
          <p>{w.handover.until(formatTime(made.expires_at))}</p>
        </Notice>
      )}
      <div class="line">
        <Button kind="second" icon="phone" busy={action.busy} onClick={() => void offer()}>
          {w.handover.offer}
        </Button>
      </div>
    </section>
  );
}
