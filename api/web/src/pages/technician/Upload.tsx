import { useEffect, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Session, UnfinishedUpload, UploadKind } from "../../api/types";
import type { PageProps } from "../../app";
import { formatBytes, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { uploads } from "../../i18n/vi/uploads";
import { Choice, Field } from "../../parts/form";
import { JobList } from "../../parts/jobs";
import { Page } from "../../parts/page";
import { Button, Empty, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import type { Chosen } from "../../uploads/handles";
import { findStarted } from "../../uploads/same";
import { begin, type Classification, sendings } from "../../uploads/sending";
import { FileInput } from "./FileInput";
import { SendingCard } from "./SendingCard";
import { Unfinished } from "./Unfinished";
import "./technician.css";

const NO_PART = "all";

export function Upload({ id }: PageProps) {
  const w = useWords(technician, uploads);
  const session = useResource(`/sessions/${id}`);
  const unfinished = useResource("/uploads", { query: { session_id: id } });
  const mine = useStore(sendings).filter((one) => one.sessionId === id);
  const done = mine.filter((one) => one.state === "done").length;
  // What has just arrived shows among the documents, and no longer among the unfinished.
  useEffect(unfinished.reload, [done]);
  return (
    <Page
      title={w.upload.title}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}`, text: w.conference.one }}
      narrow
    >
      {mine.length > 0 && (
        <ul class="stack">
          {mine.map((one) => (
            <li key={one.id} class="card">
              <SendingCard sending={one} />
            </li>
          ))}
        </ul>
      )}
      <Show of={session} ghosts={<Ghosts count={1} height={620} />}>
        {(data) => (
          <>
            <Unfinished sessionId={id} found={unfinished} />
            <NewUpload key={mine.length} session={data} unfinished={unfinished.data ?? []} />
            <section class="stack">
              <h2>{w.conference.documents}</h2>
              <JobList key={done} sessionId={id} empty={<Empty title={w.conference.noDocuments} />} />
            </section>
          </>
        )}
      </Show>
    </Page>
  );
}

const LEVELS: Classification[] = ["not-classified", "mat", "toi-mat", "tuyet-mat"];

function NewUpload({ session, unfinished }: { session: Session; unfinished: UnfinishedUpload[] }) {
  const w = useWords(technician, uploads);
  const [kind, setKind] = useState<UploadKind>("recording");
  const [part, setPart] = useState(session.parts.length === 1 ? (session.parts[0]?.id ?? NO_PART) : NO_PART);
  const [level, setLevel] = useState<Classification | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [started, setStarted] = useState<UnfinishedUpload | null>(null);

  const onChosen = async (next: Chosen) => {
    setStarted(await findStarted(next.file, unfinished).catch(() => null));
    setChosen(next);
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!chosen || !level) return;
    const partId = part === NO_PART ? null : part;
    void begin({ ...chosen, sessionId: session.id, partId, kind, classification: level }, started?.id);
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <h2>{w.uploads.another}</h2>
      <Choice
        label={w.uploads.kind}
        value={kind}
        onValue={setKind}
        options={[
          { value: "recording", text: w.uploadKinds.recording, more: w.uploads.recordingHint },
          { value: "deck", text: w.uploadKinds.deck, more: w.uploads.deckHint },
        ]}
      />
      {session.parts.length > 1 && (
        <Choice
          label={w.uploads.part}
          value={part}
          onValue={setPart}
          options={[
            { value: NO_PART, text: w.uploads.wholeConference },
            ...session.parts.map((one) => ({ value: one.id, text: one.title })),
          ]}
        />
      )}
      <Choice
        label={w.uploads.level}
        hint={w.uploads.levelHint}
        value={level}
        onValue={setLevel}
        options={LEVELS.map((value) => ({ value, text: w.uploads.levels[value] }))}
      />
      {level && level !== "not-classified" && (
        <Notice tone="bad" icon="lock">
          {w.uploads.classified}
        </Notice>
      )}
      <FileChoice kind={kind} file={chosen?.file ?? null} started={started} onChosen={(next) => void onChosen(next)} />
      <Button type="submit" kind="big" icon="upload" disabled={!chosen || !level}>
        {level === null ? w.uploads.levelFirst : chosen ? w.uploads.submit : w.uploads.fileFirst}
      </Button>
    </form>
  );
}

function FileChoice({
  kind,
  file,
  started,
  onChosen,
}: {
  kind: UploadKind;
  file: File | null;
  started: UnfinishedUpload | null;
  onChosen: (chosen: Chosen) => void;
}) {
  const w = useWords(technician, uploads);
  return (
    <Field label={w.uploads.file} hint={kind === "deck" ? w.uploads.deckTypes : w.uploads.recordingTypes}>
      {(given) => (
        <div class="file-choice">
          <FileInput
            label={w.uploads.choose}
            accept={kind === "deck" ? ".pdf,.pptx,.ppt,.odp,image/*,.tif" : "video/*,audio/*,.mkv,.mts"}
            onChosen={onChosen}
            {...given}
          />
          <span>
            {file ? `${file.name} · ${formatBytes(file.size)}` : w.uploads.noFile}
            {started && ` · ${w.uploads.goesOn(formatPercent(started.offset / started.length))}`}
          </span>
        </div>
      )}
    </Field>
  );
}
