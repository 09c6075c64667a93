import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { NewAnswer, Readiness } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { formatMoment, formatNumber, formatSpan } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { technician } from "../../i18n/vi/technician";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Ghosts, Notice, Show } from "../../parts/show";
import { outbox } from "../../waiting";
import { NumberPad } from "./NumberPad";
import { Told } from "./Told";

/** The answer to an invitation: with how many people, or why not. */
export function Confirm({ id }: PageProps) {
  const w = useWords(technician, before);
  const readiness = useResource(`/session-points/${id}/readiness`, { keep: true });
  const sessionId = readiness.data?.point.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  return (
    <Page
      title={w.confirm.title}
      lead={readiness.data?.point.point.name ?? null}
      back={{ to: `/diem-cau/${id}`, text: w.point.title }}
      narrow
    >
      <Show of={readiness} ghosts={<Ghosts count={2} height={260} />}>
        {(data) => (
          <>
            <section class="card stack tight">
              <div class="line">
                <PointTag state={data.point.state} />
              </div>
              <strong>{session.data?.title ?? w.conference.one}</strong>
              {session.data && (
                <span class="with-icon">
                  <Icon name="clock" />
                  {formatSpan(session.data.starts_at, session.data.ends_at)}
                </span>
              )}
            </section>
            {Date.now() > Date.parse(data.closes_at) ? (
              <Notice tone="plain">{w.confirm.over}</Notice>
            ) : (
              data.can_count && <AnswerForm readiness={data} onSent={readiness.reload} />
            )}
            <Answers readiness={data} />
          </>
        )}
      </Show>
    </Page>
  );
}

function AnswerForm({ readiness, onSent }: { readiness: Readiness; onSent: () => void }) {
  const w = useWords(technician, before);
  const { point } = readiness;
  const [digits, setDigits] = useState(point.expected_count ? String(point.expected_count) : "");
  const [phone, setPhone] = useState(readiness.phone ?? "");
  const [sent, setSent] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  // Checked here, for an answer that waits for a link must not come back refused.
  const phoneWrong = phone.trim() !== "" && !/^\+?\d{8,15}$/.test(phone.replace(/[\s.()-]/g, ""));

  const tell = async (answer: Pick<NewAnswer, "coming" | "expected_count" | "reason">, note: string) => {
    setBusy(true);
    const made = { answered_at: new Date().toISOString(), client_key: makeKey() };
    const body: NewAnswer = { ...answer, phone: (!phoneWrong && phone.trim()) || null, ...made };
    const entry = await outbox.add("answer", `/session-points/${point.id}/answers`, body, note);
    setSent(entry.id);
    await outbox.deliver();
    setBusy(false);
    onSent();
  };
  const confirm = () => {
    const expected_count = Number(digits);
    void tell({ coming: true, expected_count }, w.confirm.noteComing(formatNumber(expected_count), point.point.name));
  };
  return (
    <>
      <section class="card stack">
        <NumberPad label={w.confirm.expected} digits={digits} onDigits={setDigits} />
        <TextField
          label={w.confirm.phone}
          hint={w.confirm.phoneHint}
          wrong={phoneWrong ? w.confirm.phoneWrong : undefined}
          inputMode="numeric"
          maxLength={20}
          value={phone}
          onValue={setPhone}
        />
        <Button kind="big" icon="check" busy={busy} disabled={digits === "" || phoneWrong} onClick={confirm}>
          {digits === "" ? w.confirm.typeFirst : w.confirm.submit(formatNumber(Number(digits)))}
        </Button>
        {sent && <Told entryId={sent} />}
      </section>
      <Decline
        busy={busy}
        onDecline={(reason) => void tell({ coming: false, reason }, w.confirm.noteNot(point.point.name))}
      />
    </>
  );
}

function Decline({ busy, onDecline }: { busy: boolean; onDecline: (reason: string) => void }) {
  const w = useWords(before);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const decline = () => {
    setMissing(!reason.trim());
    if (reason.trim()) onDecline(reason.trim());
  };
  return (
    <details>
      <summary>
        <Icon name="down" />
        {w.confirm.cannot}
      </summary>
      <div class="stack">
        <TextField
          label={w.confirm.reason}
          hint={w.confirm.reasonHint}
          wrong={missing ? w.confirm.reasonMissing : undefined}
          maxLength={500}
          value={reason}
          onValue={setReason}
        />
        <div>
          <Button kind="danger" icon="cross" busy={busy} onClick={decline}>
            {w.confirm.decline}
          </Button>
        </div>
      </div>
    </details>
  );
}

function Answers({ readiness: { answers } }: { readiness: Readiness }) {
  const w = useWords(before);
  if (answers.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.confirm.history}</h2>
      <ol class="rows">
        {answers.map((one) => (
          <li key={one.answered_at} class="row">
            <div class="grow">
              {one.coming
                ? w.confirm.came(formatNumber(one.expected_count ?? 0))
                : w.confirm.declined(one.reason ?? "")}
              <div class="quiet small">
                {formatMoment(one.answered_at)} · {one.answered_by.full_name}
              </div>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
