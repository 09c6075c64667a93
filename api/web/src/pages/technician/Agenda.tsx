import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post, put } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Session, SessionChange } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment, formatSpan, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { technician } from "../../i18n/vi/technician";
import { TextField, typedMoment } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { go } from "../../router";
import { type PartDraft, PartFields, readPart } from "./PartFields";

const DAY_MS = 24 * 3_600_000;

type Draft = PartDraft & { id?: string };

/** Changing a conference before it begins, and everything that was changed about it. */
export function Agenda({ id }: PageProps) {
  const w = useWords(technician, before);
  const session = useResource(`/sessions/${id}`);
  const changes = useResource(`/sessions/${id}/changes`);
  return (
    <Page
      title={w.agenda.title}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}`, text: w.conference.one }}
      narrow
    >
      <Show of={session} ghosts={<Ghosts count={3} height={400} />}>
        {(data) => {
          const open = data.can.edit && !data.cancelled_at && Date.parse(data.starts_at) > Date.now();
          return (
            <>
              {open ? <Editor session={data} /> : <Notice tone="plain">{w.agenda.fixed}</Notice>}
              {changes.data && <Changes changes={changes.data} />}
            </>
          );
        }}
      </Show>
    </Page>
  );
}

function Editor({ session }: { session: Session }) {
  const w = useWords(technician, before);
  const [title, setTitle] = useState(session.title);
  const [parts, setParts] = useState<Draft[]>(
    session.parts.map((part) => ({
      id: part.id,
      title: part.title,
      speaker: part.speaker ?? "",
      from: typedMoment(part.starts_at),
      to: typedMoment(part.ends_at),
    })),
  );
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();
  const action = useAction();
  const late = Date.parse(session.starts_at) - Date.now() < DAY_MS;

  const change = (at: number, next: Partial<Draft>) =>
    setParts(parts.map((part, i) => (i === at ? { ...part, ...next } : part)));
  const addPart = () => {
    const last = parts[parts.length - 1];
    const to = last?.to ?? typedMoment(session.ends_at);
    setParts([...parts, { title: "", speaker: "", from: to, to }]);
  };
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const whole = parts.flatMap((part) => {
      const read = readPart(part);
      return read ? [{ ...read, id: part.id ?? null }] : [];
    });
    const unread = whole.length < parts.length ? w.newConference.partWrong : undefined;
    setWrong(unread ?? (late && !reason.trim() ? w.agenda.reasonMissing : undefined));
    if (unread || (late && !reason.trim())) return;
    await action.run(async () => {
      const body = { title: title.trim(), parts: whole, sequence: session.sequence, reason: reason.trim() || null };
      await put(`/sessions/${session.id}/agenda`, body);
      go(`/hoi-nghi/${session.id}`);
    });
  };
  const onCancel = () =>
    action.run(async () => {
      if (!reason.trim()) throw new Problem(422, "form", w.agenda.cancelReason);
      if (!confirm(w.agenda.cancelSure)) return;
      await post(`/sessions/${session.id}/cancel`, { reason: reason.trim() });
      go(`/hoi-nghi/${session.id}`);
    });

  return (
    <form noValidate class="stack" onSubmit={(event) => void onSubmit(event)}>
      <Failure error={action.error ?? (wrong && new Problem(422, "form", wrong))} />
      <TextField
        label={w.newConference.name}
        required
        maxLength={300}
        wrong={action.fieldError("title")}
        value={title}
        onValue={setTitle}
      />
      <h2>{w.conference.parts}</h2>
      {parts.map((part, i) => (
        <PartFields
          key={part.id ?? i}
          at={i}
          part={part}
          fieldError={action.fieldError}
          onPart={(next) => change(i, next)}
          onRemove={parts.length > 1 ? () => setParts(parts.filter((_, at) => at !== i)) : null}
        />
      ))}
      <div>
        <Button kind="second" icon="plus" onClick={addPart}>
          {w.newConference.addPart}
        </Button>
      </div>
      <TextField
        label={w.agenda.reason}
        hint={late ? w.agenda.reasonLate : w.agenda.reasonHint}
        wrong={action.fieldError("reason")}
        maxLength={500}
        value={reason}
        onValue={setReason}
      />
      <Button type="submit" kind="big" icon="check" busy={action.busy}>
        {w.agenda.submit}
      </Button>
      <div>
        <Button kind="danger" icon="cross" busy={action.busy} onClick={() => void onCancel()}>
          {w.agenda.cancel}
        </Button>
      </div>
    </form>
  );
}

function Changes({ changes }: { changes: SessionChange[] }) {
  const w = useWords(before);
  if (changes.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.agenda.history}</h2>
      <ol class="rows">
        {changes.map((one) => (
          <li key={one.sequence} class="row">
            <div class="grow stack tight">
              <strong class="with-icon">
                <Icon name={one.kind === "cancelled" ? "cross" : "calendar"} />
                {w.agenda.kinds[one.kind]}
              </strong>
              <span class="quiet small">
                {formatMoment(one.changed_at)} · {one.changed_by.full_name}
                {one.late && ` · ${w.agenda.late}`}
              </span>
              {one.reason && <span>{one.reason}</span>}
              {one.kind === "agenda" && differences(one, w.agenda).map((line) => <span key={line}>{line}</span>)}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What a reader of the old agenda has to know. */
function differences({ before: was, after: is }: SessionChange, w: Words): string[] {
  const found = was.title === is.title ? [] : [w.renamed(is.title)];
  if (was.starts_at !== is.starts_at || was.ends_at !== is.ends_at)
    found.push(w.moved(formatSpan(is.starts_at, is.ends_at)));
  const hours = (part: Told) => `${formatTime(part.starts_at)}–${formatTime(part.ends_at)}`;
  for (const part of is.parts) {
    const old = was.parts.find((one) => one.id === part.id);
    if (!old) found.push(w.added(part.title, hours(part)));
    else if (old.title !== part.title || old.speaker !== part.speaker || hours(old) !== hours(part))
      found.push(w.changed(part.title, hours(part), part.speaker ?? ""));
  }
  const gone = was.parts.filter((old) => !is.parts.some((part) => part.id === old.id));
  return [...found, ...gone.map((part) => w.removed(part.title))];
}

type Told = SessionChange["before"]["parts"][number];
type Words = (typeof before)["words"]["agenda"];
