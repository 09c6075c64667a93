import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Moment, NewHeadcount, Session, SessionPointDetail } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
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
            {(conference) => <Entry point={data} session={conference} onSent={point.reload} />}
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

function Entry({ point, session, onSent }: { point: SessionPointDetail; session: Session; onSent: () => void }) {
  const w = useWords(technician);
  const likely = likelyMoment(session.parts, new Date());
  const [partId, setPartId] = useState(likely.partId);
  const [moment, setMoment] = useState<Moment>(likely.moment);
  const [digits, setDigits] = useState("");
  const [extras, setExtras] = useState<Extras>(NONE);
  const [reason, setReason] = useState("");
  const [reasonMissing, setReasonMissing] = useState(false);
  const [doubt, setDoubt] = useState(false);
  const [sent, setSent] = useState<string | null>(null);

  const present = Number(digits);
  const seats = point.point.seats;
  const earlier = point.headcounts.find((count) => count.part_id === partId && count.moment === moment);
  const part = session.parts.find((one) => one.id === partId);
  const needsReason = Boolean(session.closed_at);

  const record = async (confirmed: boolean) => {
    const unexplained = needsReason && !reason.trim();
    setReasonMissing(unexplained);
    if (unexplained) return;
    if (seats !== null && present > seats && !confirmed) {
      setDoubt(true);
      return;
    }
    const client_key = makeKey();
    const note = w.count.note(formatNumber(present), point.point.name, part?.title ?? "", w.moments[moment]);
    const body: NewHeadcount = {
      part_id: partId,
      moment,
      present,
      excused: Number(extras.excused),
      absent: Number(extras.absent),
      late: Number(extras.late),
      reason: reason.trim() || null,
      counted_at: new Date().toISOString(),
      client_key,
      confirmed,
    };
    const entry = await outbox.add("headcount", `/session-points/${point.id}/headcounts`, body, note);
    setSent(entry.id);
    setDoubt(false);
    setDigits("");
    setExtras(NONE);
    setReason("");
    await outbox.deliver();
    onSent();
  };

  return (
    <form
      noValidate
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void record(false);
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
        onValue={setMoment}
        options={(["start", "middle", "end"] as const).map((value) => ({ value, text: w.moments[value] }))}
      />
      {needsReason && (
        <TextField
          label={w.count.reason}
          hint={w.count.reasonHint}
          wrong={reasonMissing ? w.count.reasonMissing : undefined}
          required
          maxLength={500}
          value={reason}
          onValue={setReason}
        />
      )}
      <section class="card stack">
        <p class="line apart">
          <span>
            {w.conference.expected}:{" "}
            <strong class="number">
              {point.expected_count === null ? w.point.noExpected : formatNumber(point.expected_count)}
            </strong>
          </span>
          {earlier && <span class="quiet">{w.count.earlier(formatNumber(earlier.present))}</span>}
        </p>
        <NumberPad label={w.count.present} digits={digits} onDigits={setDigits} />
        {doubt && seats !== null ? (
          <Doubt seats={seats} present={present} onRight={() => void record(true)} onWrong={() => setDoubt(false)} />
        ) : (
          <Button type="submit" kind="big" icon="check" disabled={digits === ""}>
            {digits === "" ? w.count.typeFirst : w.count.submit(formatNumber(present))}
          </Button>
        )}
        {sent && <Outcome entryId={sent} />}
      </section>
      <ExtraNumbers extras={extras} onExtras={setExtras} />
    </form>
  );
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

/** More people than seats is usually a slip of the thumb, and sometimes true: the person says which. */
function Doubt({
  seats,
  present,
  onRight,
  onWrong,
}: {
  seats: number;
  present: number;
  onRight: () => void;
  onWrong: () => void;
}) {
  const w = useWords(technician);
  return (
    <Notice tone="warn" icon="warning">
      <p>{w.count.aboveSeats(formatNumber(seats), formatNumber(present))}</p>
      <div class="line">
        <Button onClick={onRight}>{w.count.isRight}</Button>
        <Button kind="second" onClick={onWrong}>
          {w.count.correct}
        </Button>
      </div>
    </Notice>
  );
}

/** What became of the number just entered: with the server, waiting on this device, or refused. */
function Outcome({ entryId }: { entryId: string }) {
  const w = useWords(technician);
  const entry = useStore(outbox.entries).find((one) => one.id === entryId);
  if (!entry) return <Notice tone="good">{w.count.recorded}</Notice>;
  if (entry.refusal) return <Failure error={new Problem(422, "refused", entry.refusal)} />;
  return (
    <Notice tone="warn">
      {w.count.waits} <a href="/cho-gui">{w.outbox.title}</a>
    </Notice>
  );
}
