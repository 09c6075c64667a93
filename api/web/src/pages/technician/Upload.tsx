import { useEffect, useState } from "preact/hooks";
import { API } from "../../api/client";
import { type Resource, useResource } from "../../api/resource";
import type { Session, UnfinishedUpload, UploadKind } from "../../api/types";
import type { PageProps } from "../../app";
import { formatBytes, formatMoment, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { Choice, Field } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { JobList } from "../../parts/jobs";
import { Page } from "../../parts/page";
import { Button, Empty, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { begin, type Classification, sendings } from "../../uploads/sending";
import { SendingCard } from "./SendingCard";
import "./technician.css";

const NO_PART = "all";

export function Upload({ id }: PageProps) {
  const w = useWords(technician);
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
            <Unfinished uploads={unfinished} />
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

/** What was broken off earlier, perhaps on another day: choosing the same file again goes on from there. */
function Unfinished({ uploads }: { uploads: Resource<UnfinishedUpload[]> }) {
  const w = useWords(technician);
  const running = new Set(useStore(sendings).map((one) => one.filename));
  const waiting = (uploads.data ?? []).filter((one) => !one.finished_at && !running.has(one.filename));
  if (waiting.length === 0) return null;
  return (
    <Notice tone="warn">
      <p>{w.upload.unfinished}</p>
      <ul>
        {waiting.map((one) => (
          <li key={one.id}>
            <strong>{one.filename}</strong> ({formatPercent(one.offset / one.length)} / {formatBytes(one.length)},{" "}
            {formatMoment(one.created_at)})
          </li>
        ))}
      </ul>
    </Notice>
  );
}

const LEVELS: Classification[] = ["not-classified", "mat", "toi-mat", "tuyet-mat"];

function NewUpload({ session, unfinished }: { session: Session; unfinished: UnfinishedUpload[] }) {
  const w = useWords(technician);
  const [kind, setKind] = useState<UploadKind>("recording");
  const [part, setPart] = useState(session.parts.length === 1 ? (session.parts[0]?.id ?? NO_PART) : NO_PART);
  const [level, setLevel] = useState<Classification | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const started = file && unfinished.find((one) => one.filename === file.name && one.length === file.size);

  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!file || !level) return;
    const partId = part === NO_PART ? null : part;
    const wish = { file, sessionId: session.id, partId, kind, classification: level };
    void begin(wish, started ? `${API}/uploads/${started.id}` : undefined);
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <h2>{w.upload.another}</h2>
      <Choice
        label={w.upload.kind}
        value={kind}
        onValue={setKind}
        options={[
          { value: "recording", text: w.uploadKinds.recording, more: w.upload.recordingHint },
          { value: "deck", text: w.uploadKinds.deck, more: w.upload.deckHint },
        ]}
      />
      {session.parts.length > 1 && (
        <Choice
          label={w.upload.part}
          value={part}
          onValue={setPart}
          options={[
            { value: NO_PART, text: w.upload.wholeConference },
            ...session.parts.map((one) => ({ value: one.id, text: one.title })),
          ]}
        />
      )}
      <Choice
        label={w.upload.level}
        hint={w.upload.levelHint}
        value={level}
        onValue={setLevel}
        options={LEVELS.map((value) => ({ value, text: w.upload.levels[value] }))}
      />
      {level && level !== "not-classified" && (
        <Notice tone="bad" icon="lock">
          {w.upload.classified}
        </Notice>
      )}
      <FileChoice kind={kind} file={file} started={started ?? null} onFile={setFile} />
      <Button type="submit" kind="big" icon="upload" disabled={!file || !level}>
        {level === null ? w.upload.levelFirst : file ? w.upload.submit : w.upload.fileFirst}
      </Button>
    </form>
  );
}

/** The browser's own file box speaks the browser's language; ours speaks the reader's. */
function FileChoice({
  kind,
  file,
  started,
  onFile,
}: {
  kind: UploadKind;
  file: File | null;
  started: UnfinishedUpload | null;
  onFile: (file: File | null) => void;
}) {
  const w = useWords(technician);
  return (
    <Field label={w.upload.file} hint={kind === "deck" ? w.upload.deckTypes : w.upload.recordingTypes}>
      {(given) => (
        <div class="file-choice">
          <input
            class="unseen"
            type="file"
            accept={kind === "deck" ? ".pdf,application/pdf" : "video/*,audio/*,.mkv,.mts"}
            onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)}
            {...given}
          />
          <label class="button second" for={given.id}>
            <Icon name="file" />
            {w.upload.choose}
          </label>
          <span>
            {file ? `${file.name} · ${formatBytes(file.size)}` : w.upload.noFile}
            {started && ` · ${w.upload.goesOn(formatPercent(started.offset / started.length))}`}
          </span>
        </div>
      )}
    </Field>
  );
}
