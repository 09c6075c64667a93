import { formatBytes, formatDuration, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { uploads } from "../../i18n/vi/uploads";
import { Icon } from "../../parts/icons";
import { Button, Notice, Tag, type Tone } from "../../parts/show";
import { abandon, forgetSending, pause, resume, type Sending } from "../../uploads/sending";

const LOOKS: Record<Sending["state"], Tone> = {
  starting: "plain",
  sending: "plain",
  paused: "warn",
  "no-link": "warn",
  done: "good",
  refused: "bad",
};

/** One file on its way: how much is there, how fast, how long still, and pause or go on. */
export function SendingCard({ sending }: { sending: Sending }) {
  const w = useWords(uploads);
  const { id, state, sent, total, bytesPerSecond, secondsLeft } = sending;
  const ratio = total > 0 ? sent / total : 0;
  const open = state !== "done" && state !== "refused";
  return (
    <div class="stack tight">
      <div class="line apart">
        <strong class="with-icon">
          <Icon name="file" />
          <span>{sending.filename}</span>
        </strong>
        <Tag tone={LOOKS[state]}>{w.uploads.states[state]}</Tag>
      </div>
      {state !== "refused" && <progress max={1} value={ratio} aria-label={sending.filename} />}
      {state === "refused" ? (
        <Notice tone="bad">{sending.refusal}</Notice>
      ) : (
        <p class="number">
          {formatPercent(ratio)} · {formatBytes(sent)} / {formatBytes(total)}
          {bytesPerSecond !== null && ` · ${formatBytes(bytesPerSecond)}/s`}
        </p>
      )}
      {open && (
        <p class="quiet">
          {state === "no-link"
            ? w.uploads.noLink
            : state === "paused"
              ? w.uploads.pausedHint
              : secondsLeft === null
                ? w.uploads.measuring
                : w.uploads.left(formatDuration(secondsLeft))}
        </p>
      )}
      {state === "done" && <p>{w.uploads.doneHint}</p>}
      <div class="line">
        {(state === "sending" || state === "starting") && (
          <Button kind="second" icon="pause" onClick={() => pause(id)}>
            {w.uploads.pause}
          </Button>
        )}
        {(state === "paused" || state === "no-link") && (
          <Button icon="play" onClick={() => resume(id)}>
            {w.uploads.resume}
          </Button>
        )}
        {open ? (
          <Button kind="plain" onClick={() => confirm(w.uploads.abandonSure) && void abandon(id)}>
            {w.uploads.abandon}
          </Button>
        ) : (
          <Button kind="plain" onClick={() => forgetSending(id)}>
            {w.uploads.hide}
          </Button>
        )}
      </div>
    </div>
  );
}
