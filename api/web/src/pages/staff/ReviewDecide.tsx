import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { Decision, DecisionKind, ReviewDetail } from "../../api/types";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { Choice, Field } from "../../parts/form";
import { Button, Failure, Notice, Tag, type Tone } from "../../parts/show";
import { ReasonBox, SHORTEST } from "./ReviewReason";
import { SecondWord } from "./ReviewSecond";

const KINDS: DecisionKind[] = ["grant", "refuse", "waive"];

/** A decision with its reason, and every one that was made before. */
export function ReviewDecide({ data, onDone }: { data: ReviewDetail; onDone: () => void }) {
  const w = useWords(review);
  const [made, setMade] = useState<Decision | null>(null);
  const done = (decision: Decision) => {
    setMade(decision);
    onDone();
  };
  return (
    <section class="card stack" aria-labelledby="quyet-dinh">
      <h2 id="quyet-dinh">{w.decide.title}</h2>
      <div role="status">
        {made && (
          <Notice tone={made.state === "waiting" ? "warn" : "good"}>
            {made.state === "waiting" ? w.decide.waits : w.decide.done}
          </Notice>
        )}
      </div>
      {data.credited ? (
        <p>{w.decide.settled}</p>
      ) : data.can_decide ? (
        <Form key={data.decisions.length} data={data} onDone={done} />
      ) : (
        <Notice tone="plain">{data.refusal}</Notice>
      )}
      <History decisions={data.decisions} onDone={onDone} />
    </section>
  );
}

function Form({ data, onDone }: { data: ReviewDetail; onDone: (decision: Decision) => void }) {
  const w = useWords(review);
  const action = useAction();
  const [kind, setKind] = useState<DecisionKind | null>(null);
  const [part, setPart] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const open = data.parts.filter((one) => !one.attended);
  const lacking = SHORTEST - reason.trim().length;
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (!kind || lacking > 0) return;
    const address = `/sessions/${data.session.id}/reviews/${data.person.id}/decisions` as const;
    void action.run(async () => onDone(await post(address, { kind, reason, part_id: part || null })));
  };
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <Failure error={action.error} />
      <Choice
        label={w.decide.kind}
        value={kind}
        onValue={setKind}
        wrong={tried && !kind ? w.decide.choose : undefined}
        options={KINDS.map((one) => ({ value: one, text: w.decide.kinds[one], more: w.decide.hints[one] }))}
      />
      {data.parts.length > 1 && (
        <Field label={w.decide.about}>
          {(given) => (
            <select class="box" value={part} onChange={(event) => setPart(event.currentTarget.value)} {...given}>
              <option value="">{w.decide.whole}</option>
              {open.map((one) => (
                <option key={one.part.id} value={one.part.id}>
                  {one.part.title}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <ReasonBox
        label={w.decide.reason}
        hint={w.decide.reasonHint}
        wrong={tried && lacking > 0 ? w.decide.tooShort(lacking) : undefined}
        value={reason}
        onValue={setReason}
      />
      <div>
        <Button type="submit" icon="check" busy={action.busy}>
          {w.decide.submit}
        </Button>
      </div>
    </form>
  );
}

const TONES: Record<Decision["state"], Tone> = {
  standing: "good",
  waiting: "warn",
  declined: "bad",
  replaced: "plain",
};

function History({ decisions, onDone }: { decisions: Decision[]; onDone: () => void }) {
  const w = useWords(review);
  if (decisions.length === 0) return null;
  return (
    <div class="stack">
      <h3>{w.decide.history}</h3>
      <ol class="steps">
        {decisions.map((one) => (
          <li key={one.id} class="stack tight">
            <p class="line">
              <strong>{w.decide.made(w.decide.kinds[one.kind], one.decided_by, formatMoment(one.decided_at))}</strong>
              <Tag tone={TONES[one.state]}>{w.decide.states[one.state]}</Tag>
            </p>
            {one.part && <p class="small quiet">{one.part.title}</p>}
            <p>{one.reason}</p>
            {one.seconded_by && one.seconded_at && (
              <p class="small">
                {w.decide.seconded(one.seconded_by, formatMoment(one.seconded_at))} {one.second_reason}
              </p>
            )}
            <SecondWord decision={one} onDone={onDone} />
          </li>
        ))}
      </ol>
    </div>
  );
}
