import { useState } from "preact/hooks";
import type { HeadcountDoubt, NewHeadcount } from "../../api/types";
import { makeKey } from "../../device";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import type { Entry } from "../../outbox";
import { TextField } from "../../parts/form";
import { Button, Notice } from "../../parts/show";
import { outbox } from "../../waiting";

const DOUBTFUL = "headcount-doubtful";
/** The register was closed, or another number came, while this one waited for a link. */
const REASON_WANTED = ["reason-needed", "correction-needs-reason"];

/** Whether the server took a number neither in nor away, but wants to know something of whoever entered it. */
export const isQuestion = ({ code = "" }: Entry) => code === DOUBTFUL || REASON_WANTED.includes(code);

/** The server's question about a number that was sent: it waits here until it is answered, and holds up nothing else. */
export function CountQuestion({ entry }: { entry: Entry }) {
  const w = useWords(counts);
  return (
    <Notice tone="warn" icon="warning">
      <p>
        <strong>{w.question.title}</strong>
      </p>
      <p>{entry.note}</p>
      <p>{entry.refusal}</p>
      {entry.code === DOUBTFUL ? <IsItRight entry={entry} /> : <Why entry={entry} />}
    </Notice>
  );
}

function IsItRight({ entry }: { entry: Entry }) {
  const w = useWords(counts);
  const [typed, setTyped] = useState<string | null>(null);
  const body = entry.body as NewHeadcount;
  const asked = String(entry.facts?.doubts ?? "").split(" ") as HeadcountDoubt[];
  const confirm = () => outbox.revise(entry.id, { ...body, answered: [...body.answered, ...asked] });
  // Another number is another entry, made at the same moment: what was said of the first does not hold for it.
  const correct = (present: number) =>
    outbox.revise(
      entry.id,
      { ...body, present, answered: [], client_key: makeKey() },
      entry.note.replace(formatNumber(body.present), formatNumber(present)),
    );
  if (typed === null) {
    return (
      <div class="line">
        <Button onClick={() => void confirm()}>{w.question.isRight}</Button>
        <Button kind="second" onClick={() => setTyped("")}>
          {w.question.correct}
        </Button>
      </div>
    );
  }
  return (
    <div class="stack">
      <TextField
        label={w.question.newNumber}
        inputMode="numeric"
        autoComplete="off"
        maxLength={6}
        short
        value={typed}
        onValue={(value) => setTyped(value.replace(/\D/g, ""))}
      />
      <Button disabled={typed === ""} onClick={() => void correct(Number(typed))}>
        {w.question.send(formatNumber(Number(typed)))}
      </Button>
    </div>
  );
}

function Why({ entry }: { entry: Entry }) {
  const w = useWords(counts);
  const [reason, setReason] = useState("");
  const body = entry.body as NewHeadcount;
  return (
    <div class="stack">
      <TextField label={w.reason} hint={w.reasonHint} maxLength={500} value={reason} onValue={setReason} />
      <Button
        disabled={!reason.trim()}
        onClick={() => void outbox.revise(entry.id, { ...body, reason: reason.trim() })}
      >
        {w.again}
      </Button>
    </div>
  );
}
