import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Decision } from "../../api/types";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { More } from "../../parts/more";
import { Button, Failure, Notice } from "../../parts/show";
import { ReasonBox } from "./ReviewReason";

/** Decisions of others that hold only once the reader, or somebody else, confirms them. None waiting, nothing shown. */
export function ReviewSecond({ session }: { session: string | null }) {
  const w = useWords(review);
  const [limit, setLimit] = useState(20);
  const waiting = useResource("/decisions", { query: { session_id: session, limit } });
  if (!waiting.data) return <Failure error={waiting.error} retry={waiting.reload} />;
  const { items, total } = waiting.data;
  if (total === 0) return null;
  return (
    <section class="stack">
      <h2>{w.second.title}</h2>
      <p class="quiet">{w.second.lead}</p>
      <ul class="stack">
        {items.map((one) => (
          <li key={one.id} class="card stack">
            <p>
              <strong>{one.person.full_name}</strong>
              <span class="quiet">
                {" "}
                · {one.person.unit.name} · {one.session.title} {one.part && `· ${one.part.title}`}
              </span>
            </p>
            <p>{w.decide.made(w.decide.kinds[one.kind], one.decided_by, formatMoment(one.decided_at))}</p>
            <p>{one.reason}</p>
            <a class="crumb" href={`/can-bo/${one.session.id}/nguoi/${one.person.id}`}>
              {w.second.open}
            </a>
            <SecondWord decision={one} onDone={waiting.reload} />
          </li>
        ))}
      </ul>
      <More shown={items.length} total={total} onMore={() => setLimit(limit + 50)} />
    </section>
  );
}

/** Yes, or no with a reason, to a decision that waits. */
export function SecondWord({ decision, onDone }: { decision: Decision; onDone: () => void }) {
  const w = useWords(review);
  const action = useAction();
  const [declining, setDeclining] = useState(false);
  const [reason, setReason] = useState("");
  if (decision.state !== "waiting") return null;
  if (!decision.can_second) return <Notice tone="plain">{w.second.own}</Notice>;
  const confirm = () => action.run(() => post(`/decisions/${decision.id}/confirm`)).then((ok) => ok && onDone());
  const decline = () =>
    action.run(() => post(`/decisions/${decision.id}/decline`, { reason })).then((ok) => ok && onDone());
  return (
    <div class="stack">
      <Failure error={action.error} />
      <div class="line">
        <Button icon="check" busy={action.busy} onClick={() => void confirm()}>
          {w.second.confirm}
        </Button>
        <Button kind="second" icon="cross" aria-expanded={declining} onClick={() => setDeclining(!declining)}>
          {w.second.decline}
        </Button>
      </div>
      {declining && (
        <>
          <ReasonBox label={w.second.declineReason} value={reason} onValue={setReason} />
          <Button kind="danger" busy={action.busy} onClick={() => void decline()}>
            {w.second.send}
          </Button>
        </>
      )}
    </div>
  );
}
