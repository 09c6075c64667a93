import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Recording } from "../../api/types";
import type { PageProps } from "../../app";
import { formatBytes, formatDate, formatDuration, formatMinutes } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import { Choice, type Option } from "../../parts/form";
import { Page } from "../../parts/page";
import { Ring } from "../../parts/ring";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { prepareChime } from "../../player/attention";
import { noticeable } from "../../player/covered";
import { Watch, type WatchMode } from "../../player/watch";
import { rungsOf, rungText, videoCost } from "./costs";
import { Player } from "./Player";
import "./member.css";

export function Replay({ id }: PageProps) {
  const w = useWords(member, player);
  const recording = useResource(`/recordings/${id}`);
  const [watch, setWatch] = useState<Watch | null>(null);
  const action = useAction();
  const running = useRef<Watch | null>(null);
  useEffect(() => () => void running.current?.end(), []);

  const open = (row: Recording, mode: WatchMode) => {
    prepareChime();
    void action.run(async () => {
      await running.current?.end();
      const viewing = await post(`/recordings/${id}/viewings`);
      const next = new Watch(viewing, mode, row, w.replay.note(row.title));
      running.current = next;
      void next.play();
      setWatch(next);
    });
  };

  return (
    <Page
      title={recording.data?.part?.title ?? recording.data?.title ?? w.replay.title}
      lead={recording.data && `${recording.data.session.title} · ${formatDate(recording.data.session.starts_at)}`}
      back={{ to: "/xem-lai", text: w.missed.title }}
    >
      <Show of={recording} ghosts={<Ghosts count={1} height={420} />}>
        {(row) => (
          <>
            <Failure error={action.error} />
            {watch ? (
              <Player key={watch.viewing.id} watch={watch} onReopen={(mode) => open(row, mode)} />
            ) : (
              <Before row={row} busy={action.busy} onStart={(mode) => open(row, mode)} />
            )}
          </>
        )}
      </Show>
    </Page>
  );
}

/** What it is, what is missing, and what each way to watch costs, before anything is fetched. */
function Before({ row, busy, onStart }: { row: Recording; busy: boolean; onStart: (mode: WatchMode) => void }) {
  const w = useWords(member, player);
  const slides = row.modes.find((one) => one.mode === "slides");
  const rungs = rungsOf(row.modes);
  const options: Option<WatchMode>[] = [];
  if (slides) {
    options.push({
      value: "slides",
      text: `${w.watchModes.slides}: ${w.missed.about(formatBytes(slides.bytes))}`,
      more: w.watchModeHints.slides,
    });
  }
  if (rungs.length > 0) {
    options.push({
      value: "video",
      text: `${w.watchModes.video}: ${videoCost(w, rungs)}`,
      more: `${w.watchModeHints.video} ${rungs.map((rung) => rungText(w, rung)).join("; ")}.`,
    });
  }
  const [mode, setMode] = useState<WatchMode>(options[0]?.value ?? "slides");
  const missing = noticeable(row.missing);
  const whole = formatDuration(row.duration_seconds);
  return (
    <div class="card stack">
      {row.credited && (
        <Notice tone="good" icon="award">
          {w.replay.credited} {row.reasons.map((reason) => reason.detail).join(" ")}
        </Notice>
      )}
      <div class="line">
        <Ring
          ratio={row.covered_ratio}
          label={w.missed.watchedOf(formatDuration(row.covered_ratio * row.duration_seconds), whole)}
        />
        <div class="stack tight">
          <p>
            {row.covered_ratio > 0
              ? w.missed.watchedOf(formatDuration(row.covered_ratio * row.duration_seconds), whole)
              : w.missed.lasts(whole)}
          </p>
          {row.covered_ratio > 0 && missing.length > 0 && (
            <p>{w.replay.missing(formatMinutes(missing).slice(0, 6).join(", "))}</p>
          )}
          {row.replay_until && !row.credited && <p class="quiet">{w.replay.until(formatDate(row.replay_until))}</p>}
        </div>
      </div>
      <Choice label={w.replay.way} value={mode} onValue={setMode} options={options} />
      <Button kind="big" icon="play" busy={busy} onClick={() => onStart(mode)}>
        {row.covered_ratio > 0 ? w.replay.goOn : w.replay.start}
      </Button>
      <p class="quiet small">{w.replay.logged}</p>
    </div>
  );
}
