import { useEffect, useState } from "preact/hooks";
import { remove } from "../../api/client";
import type { Resource } from "../../api/resource";
import type { UnfinishedUpload } from "../../api/types";
import { formatBytes, formatMoment, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { uploads } from "../../i18n/vi/uploads";
import { Icon } from "../../parts/icons";
import { Button, Notice } from "../../parts/show";
import { useStore } from "../../store";
import { forgetHandle, keptHandles, openHandle } from "../../uploads/handles";
import { isSame } from "../../uploads/same";
import { begin, sendings } from "../../uploads/sending";
import { FileInput } from "./FileInput";

/** What was broken off earlier, perhaps on another day or device. */
export function Unfinished({ sessionId, found }: { sessionId: string; found: Resource<UnfinishedUpload[]> }) {
  const w = useWords(uploads);
  const handles = useHandles();
  const running = new Set(useStore(sendings).map((one) => one.uploadId));
  const waiting = (found.data ?? []).filter((one) => !one.finished_at && !running.has(one.id));
  if (waiting.length === 0) return null;
  return (
    <section class="card stack" aria-label={w.uploads.unfinished}>
      <h2>{w.uploads.unfinished}</h2>
      <p class="quiet">{w.uploads.unfinishedHint}</p>
      <ul class="stack">
        {waiting.map((one) => (
          <li key={one.id}>
            <Waiting
              sessionId={sessionId}
              upload={one}
              handle={handles.get(one.id) ?? null}
              onGone={() => void forgetHandle(one.id).then(found.reload)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function useHandles(): Map<string, FileSystemFileHandle> {
  const [handles, setHandles] = useState(new Map<string, FileSystemFileHandle>());
  useEffect(() => void keptHandles().then(setHandles), []);
  return handles;
}

interface WaitingProps {
  sessionId: string;
  upload: UnfinishedUpload;
  handle: FileSystemFileHandle | null;
  onGone: () => void;
}

function Waiting({ sessionId, upload, handle, onGone }: WaitingProps) {
  const w = useWords(uploads);
  const [trouble, setTrouble] = useState<string | null>(null);
  const ratio = upload.offset / upload.length;

  const goOn = async (file: File | null, kept: FileSystemFileHandle | null) => {
    if (!file) return setTrouble(w.uploads.handleLost);
    if (!(await isSame(file, upload))) return setTrouble(w.uploads.otherFile);
    setTrouble(null);
    const { id, kind } = upload;
    // What was declared of it stands with the server; only material that is not classified was ever begun.
    return begin({ file, handle: kept, sessionId, partId: null, kind, classification: "not-classified" }, id);
  };
  return (
    <div class="stack tight">
      <strong class="with-icon">
        <Icon name="file" />
        <span>{upload.filename}</span>
      </strong>
      <progress max={1} value={ratio} aria-label={upload.filename} />
      <p class="number">
        {formatPercent(ratio)} · {formatBytes(upload.offset)} / {formatBytes(upload.length)} ·{" "}
        {w.uploads.begun(formatMoment(upload.created_at))}
      </p>
      {trouble && <Notice tone="bad">{trouble}</Notice>}
      <div class="line">
        {handle && !trouble ? (
          <Button
            icon="play"
            aria-label={w.uploads.continueFile(upload.filename)}
            onClick={async () => goOn(await openHandle(handle), handle)}
          >
            {w.uploads.resume}
          </Button>
        ) : (
          <FileInput
            label={w.uploads.chooseAgain}
            name={w.uploads.sameFile(upload.filename)}
            onChosen={(chosen) => void goOn(chosen.file, chosen.handle)}
          />
        )}
        <Button
          kind="plain"
          onClick={() => confirm(w.uploads.abandonSure) && void remove(`/uploads/${upload.id}`).then(onGone)}
        >
          {w.uploads.discard}
        </Button>
      </div>
    </div>
  );
}
