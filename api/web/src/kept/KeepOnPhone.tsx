import { useEffect, useState } from "preact/hooks";
import { useAction } from "../api/action";
import type { Recording } from "../api/types";
import { formatBytes, formatDate } from "../format";
import { useWords } from "../i18n";
import { offline } from "../i18n/vi/offline";
import { Button, Failure, Notice } from "../parts/show";
import { useStore } from "../store";
import { type Fetching, fetches, start, stop } from "./fetching";
import { begin, drop, isPossible, isWhole, type Kept, load, NoRoom, PieceWrong, packages, setPaused } from "./packages";

/** Keeps a recording's slides and speech on this device: how large it is, how far it has come, and taking it off again. */
export function KeepOnPhone({ row }: { row: Recording }) {
  const w = useWords(offline);
  const kept = useStore(packages).find((one) => one.recording_id === row.id);
  const fetching = useStore(fetches).find((one) => one.id === kept?.id);
  const [freed, setFreed] = useState<number | null>(null);
  const action = useAction();
  const slides = row.modes.find((one) => one.mode === "slides");
  useEffect(() => {
    void load();
  }, [row.id]);
  if (!slides) return null;
  if (!isPossible()) return <p class="quiet small">{w.impossible}</p>;

  const onKeep = () => {
    setFreed(null);
    void action.run(async () => void start(await begin(row)));
  };
  const onRemove = (gone: Kept) =>
    void action.run(async () => {
      stop(gone.id);
      await drop(gone);
      setFreed(gone.bytes);
    });
  return (
    <section class="stack tight" aria-label={w.title}>
      <Trouble error={action.error} />
      {kept ? (
        <Here kept={kept} fetching={fetching} busy={action.busy} onRemove={() => onRemove(kept)} />
      ) : (
        <>
          <div>
            <Button kind="second" icon="phone" busy={action.busy} onClick={onKeep}>
              {w.keep(formatBytes(slides.bytes))}
            </Button>
          </div>
          <p class="quiet small" role="status">
            {freed === null ? w.hint : w.removed(formatBytes(freed))}
          </p>
        </>
      )}
    </section>
  );
}

interface HereProps {
  kept: Kept;
  fetching: Fetching | undefined;
  busy: boolean;
  onRemove: () => void;
}

function Here({ kept, fetching, busy, onRemove }: HereProps) {
  const w = useWords(offline);
  const size = formatBytes(kept.bytes);
  const have = formatBytes(fetching?.have ?? kept.have);
  const onPause = () => {
    stop(kept.id);
    void setPaused(kept, true);
  };
  const onGoOn = () => void setPaused(kept, false).then(start);
  const remove = (
    <Button kind="plain" icon="trash" busy={busy} onClick={onRemove}>
      {w.remove}
    </Button>
  );
  if (isWhole(kept)) {
    return (
      <Notice tone="good" icon="phone">
        <p>{w.whole(size, formatDate(kept.expires_at))}</p>
        <p class="quiet small">{w.renewed}</p>
        {remove}
      </Notice>
    );
  }
  return (
    <>
      <Trouble error={fetching?.error} />
      <progress max={kept.bytes} value={fetching?.have ?? kept.have} aria-label={w.title} />
      <p role="status">
        {fetching?.state === "running" ? w.fetching(have, size) : (fetching ? w.cut : w.paused)(have, size)}
      </p>
      <div class="line">
        {fetching?.state === "running" ? (
          <Button kind="second" icon="pause" onClick={onPause}>
            {w.stop}
          </Button>
        ) : (
          <Button kind="second" icon="down" onClick={onGoOn}>
            {w.goOn}
          </Button>
        )}
        {remove}
      </div>
    </>
  );
}

function Trouble({ error }: { error: unknown }) {
  const w = useWords(offline);
  if (error instanceof NoRoom) {
    return <Notice tone="warn">{w.noRoom(formatBytes(error.needed), formatBytes(error.free))}</Notice>;
  }
  if (error instanceof PieceWrong) return <Notice tone="warn">{w.pieceWrong}</Notice>;
  return <Failure error={error} />;
}
