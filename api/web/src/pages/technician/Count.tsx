import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Headcount, HeadcountDoubt, Moment, NewHeadcount, Session, SessionPointDetail } from "../../api/types";
import type { PageProps } from "../../app";
import { countedIn, doubtsOf, type Numbers } from "../../counts/doubts";
import { makeKey } from "../../device";
import { formatNumber } from "../../format";
import { useWords, type Words } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { technician } from "../../i18n/vi/technician";
import type { Entry } from "../../outbox";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { CountPhoto } from "./CountPhoto";
import { CountQuestion, isQuestion } from "./CountQuestion";
import { Disagreement } from "./Disagreement";
import { likelyMoment } from "./likelyMoment";
import { NumberPad } from "./NumberPad";

export function Count({ id }: PageProps) {
  const w = useWords(technician);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  return (
    <Page
      title={w.count.title}
      lead={point.data?.point.name ?? null}
      back={{ to: `/diem-cau/${id}`, text: w.point.title }}
      narrow
    >
      <Show of={point} ghosts={<Ghosts count={2} height={220} />}>
        {(data) => (
          <Show of={session} within ghosts={<Ghosts count={2} height={220} />}>
            {(conference) => <CountForm point={data} session={conference} onSent={point.reload} />}
          </Show>
        )}
      </Show>
    </Page>
  );
}

interface Extras {
  excused: string;
  absent: string;
  late: string;
}
const NONE: Extras = { excused: "", absent: "", late: "" };
const MOMENTS = ["start", "middle", "end"] as const;

/** What was counted on this device and waits, of one part; the last of each moment. */
function waitingIn(entries: Entry[], path: string, partId: string): Map<Moment, Entry> {
  const mine = entries.filter((entry) => entry.path === path && (entry.body as NewHeadcount).part_id === partId);
  return new Map(mine.map((entry) => [(entry.body as NewHeadcount).moment, entry]));
}

const presentOf = (entry: Entry) => (entry.body as NewHeadcount).present;

function CountForm({ point, session, onSent }: { point: SessionPointDetail; session: Session; onSent: () => void }) {
  const w = useWords(technician, counts);
  const likely = likelyMoment(session.parts, new Date());
  const [partId, setPartId] = useState(likely.partId);
  const [moment, setMoment] = useState<Moment>(likely.moment);
  const [digits, setDigits] = useState("");
  const [extras, setExtras] = useState<Extras>(NONE);
  const [reason, setReason] = useState("");
  const [reasonMissing, setReasonMissing] = useState(false);
  const [doubts, setDoubts] = useState<Map<HeadcountDoubt, number> | null>(null);
  const [sent, setSent] = useState<string | null>(null);

  const path = `/session-points/${point.id}/headcounts`;
  const waiting = waitingIn(useStore(outbox.entries), path, partId);
  const counted = countedIn(point.headcounts, partId);
  const disagreement = disagreementAt(point, partId, moment);
  const standing = point.headcounts.find(
    (count) => count.part_id === partId && count.moment === moment && count.superseded_by === null,
  );
  const pending = waiting.get(moment);
  const earlier = pending ? presentOf(pending) : standing?.present;
  const part = session.parts.find((one) => one.id === partId);
  const needsReason = Boolean(session.closed_at) || earlier !== undefined;
  const place = [part?.title ?? "", w.moments[moment]] as const;

  const numbers: Numbers = {
    present: Number(digits),
    excused: Number(extras.excused),
    absent: Number(extras.absent),
    late: Number(extras.late),
  };
  const look = () => {
    const known = new Map([...counted, ...[...waiting].map(([at, entry]) => [at, presentOf(entry)] as const)]);
    return doubtsOf(numbers, moment, { seats: point.point.seats, expected: point.expected_count, counted: known });
  };
  const record = async (answered: HeadcountDoubt[]) => {
    const unexplained = needsReason && !reason.trim();
    setReasonMissing(unexplained);
    if (unexplained) return;
    const open = look();
    for (const doubt of answered) open.delete(doubt);
    setDoubts(open.size > 0 ? open : null);
    if (open.size > 0) return;
    const keys = [...(disagreement ?? (standing ? [standing] : [])).map((count) => count.client_key)];
    const body: NewHeadcount = {
      part_id: partId,
      moment,
      ...numbers,
      reason: reason.trim() || null,
      counted_at: new Date().toISOString(),
      client_key: makeKey(),
      corrects: pending ? [...keys, (pending.body as NewHeadcount).client_key] : keys,
      answered,
      confirmed: false,
    };
    const note = w.count.note(formatNumber(numbers.present), point.point.name, ...place);
    const entry = await outbox.add("headcount", path, body, note);
    setSent(entry.id);
    setDigits("");
    setExtras(NONE);
    setReason("");
    await outbox.deliver();
    onSent();
  };
  const choose = (next: Moment) => {
    setMoment(next);
    setDoubts(null);
    setSent(null);
  };

  return (
    <>
      <form
        noValidate
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void record([]);
        }}
      >
        {session.parts.length > 1 && (
          <Choice
            across
            label={w.count.part}
            value={partId}
            onValue={setPartId}
            options={session.parts.map((one) => ({ value: one.id, text: one.title }))}
          />
        )}
        <Choice
          across
          label={w.count.moment}
          value={moment}
          onValue={choose}
          options={MOMENTS.map((value) => ({
            value,
            text: w.moments[value],
            more: momentNote(w, waiting.get(value), counted.get(value)),
          }))}
        />
        {disagreement && <Disagreement counted={disagreement} />}
        <section class="card stack">
          <p class="line apart">
            <span>
              {w.conference.expected}:{" "}
              <strong class="number">
                {point.expected_count === null ? w.point.noExpected : formatNumber(point.expected_count)}
              </strong>
            </span>
            {earlier !== undefined && <span class="quiet">{w.count.earlier(formatNumber(earlier))}</span>}
          </p>
          <NumberPad label={w.count.present} digits={digits} onDigits={setDigits} />
          {needsReason && (
            <TextField
              label={w.reason}
              hint={earlier === undefined ? w.count.reasonHint : w.reasonHint}
              wrong={reasonMissing ? w.count.reasonMissing : undefined}
              required
              maxLength={500}
              value={reason}
              onValue={setReason}
            />
          )}
          {doubts ? (
            <Doubts
              doubts={doubts}
              present={numbers.present}
              onRight={() => void record([...doubts.keys()])}
              onWrong={() => setDoubts(null)}
            />
          ) : (
            <Button type="submit" kind="big" icon="check" disabled={digits === ""}>
              {digits === "" ? w.count.typeFirst : w.count.submit(formatNumber(numbers.present))}
            </Button>
          )}
          {sent && <Outcome entryId={sent} />}
        </section>
        <ExtraNumbers extras={extras} onExtras={setExtras} />
      </form>
      {pending && pending.id !== sent && isQuestion(pending) && <CountQuestion entry={pending} />}
      <CountPhoto
        key={`${partId} ${moment}`}
        pointId={point.id}
        sessionId={session.id}
        partId={partId}
        moment={moment}
        headcountKey={pending ? (pending.body as NewHeadcount).client_key : (standing?.client_key ?? null)}
        note={w.photo.note(point.point.name, ...place)}
      />
    </>
  );
}

/** What a moment has already: a number with the server, or one that waits on this device. */
function momentNote(w: Words<typeof counts>, waiting: Entry | undefined, counted: number | undefined): string {
  if (waiting) {
    const n = formatNumber(presentOf(waiting));
    return waiting.refusal === null ? w.momentNotes.waits(n) : w.momentNotes.asked(n);
  }
  return counted === undefined ? w.momentNotes.none : formatNumber(counted);
}

function disagreementAt(point: SessionPointDetail, partId: string, moment: Moment): Headcount[] | null {
  const byId = new Map(point.headcounts.map((count) => [count.id, count]));
  const groups = point.disagreements.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
  return groups.find(([first]) => first?.part_id === partId && first.moment === moment) ?? null;
}

function ExtraNumbers({ extras, onExtras }: { extras: Extras; onExtras: (extras: Extras) => void }) {
  const w = useWords(technician);
  return (
    <details>
      <summary>
        <Icon name="down" />
        {w.count.more}
      </summary>
      <div class="line">
        {(["excused", "absent", "late"] as const).map((kind) => (
          <TextField
            key={kind}
            label={w.count[kind]}
            type="number"
            inputMode="numeric"
            min={0}
            max={100000}
            short
            value={extras[kind]}
            onValue={(value) => onExtras({ ...extras, [kind]: value })}
          />
        ))}
      </div>
    </details>
  );
}

/** A number that cannot well be right is usually a slip of the thumb, and sometimes true: the person says which. */
function Doubts({
  doubts,
  present,
  onRight,
  onWrong,
}: {
  doubts: Map<HeadcountDoubt, number>;
  present: number;
  onRight: () => void;
  onWrong: () => void;
}) {
  const w = useWords(counts);
  return (
    <Notice tone="warn" icon="warning">
      {[...doubts].map(([doubt, figure]) => (
        <p key={doubt}>{w.question.doubts[doubt](formatNumber(present), formatNumber(figure))}</p>
      ))}
      <div class="line">
        <Button onClick={onRight}>{w.question.isRight}</Button>
        <Button kind="second" onClick={onWrong}>
          {w.question.correct}
        </Button>
      </div>
    </Notice>
  );
}

/** What became of the number just entered: with the server, waiting on this device, asked about, or refused. */
function Outcome({ entryId }: { entryId: string }) {
  const w = useWords(technician);
  const entry = useStore(outbox.entries).find((one) => one.id === entryId);
  if (!entry) return <Notice tone="good">{w.count.recorded}</Notice>;
  if (isQuestion(entry)) return <CountQuestion entry={entry} />;
  if (entry.refusal) return <Failure error={new Problem(422, "refused", entry.refusal)} />;
  return (
    <Notice tone="warn">
      {w.count.waits} <a href="/cho-gui">{w.outbox.title}</a>
    </Notice>
  );
}
