import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { NoLink, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Recording } from "../../api/types";
import type { PageProps } from "../../app";
import { formatBytes, formatDate, formatDuration, formatMinutes } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import type { Kept } from "../../kept/packages";
import { useKept } from "../../kept/useKept";
import { Choice, type Option } from "../../parts/form";
import { Page } from "../../parts/page";
import { Ring } from "../../parts/ring";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { prepareChime } from "../../player/attention";
import { noticeable, total } from "../../player/covered";
import { Watch, type WatchMode, type WatchState } from "../../player/watch";
import { outbox } from "../../waiting";
import { rungsOf, rungText, videoCost } from "./costs";
import { Player } from "./Player";
import "./member.css";

export function Replay({ id }: PageProps) {
  const w = useWords(member, player);
  const recording = useResource(`/recordings/${id}`);
  const { door, kept } = useKept(id);
  const [watch, setWatch] = useState<Watch | null>(null);
  const action = useAction();
  const running = useRef<Watch | null>(null);
  useEffect(() => () => void running.current?.end(), []);
  const whole = door && kept && door.isWhole(kept) ? kept : null;
  // Without a link, what was kept of the recording stands in for the server's word on it.
  const row = recording.data ?? (recording.error instanceof NoLink ? (kept?.row ?? null) : null);

  const run = (next: Watch, playing: boolean) => {
    running.current = next;
    if (playing) void next.play();
    setWatch(next);
  };

  const open = (row: Recording, mode: WatchMode, playing = true) => {
    prepareChime();
    void action.run(async () => {
      await running.current?.end();
      const viewing = await post(`/recordings/${id}/viewings`, { texts: false }).catch((error: unknown) => {
        if (error instanceof NoLink && whole && mode === "slides") return null;
        throw error;
      });
      if (!viewing) return openKept(row, playing);
      const next = new Watch(
        whole && door ? door.playedFrom(whole, viewing) : viewing,
        mode,
        row,
        w.replay.note(row.title),
      );
      run(next, playing);
      // What was watched without a link waits for its questions.
      if (viewing.waiting.length > 0 && !row.credited) next.poll();
    });
  };

  /** From this device, from where the last viewing of this page stood. */
  const openKept = async (row: Recording, playing: boolean) => {
    if (!whole || !door || door.isExpired(whole)) throw new NoLink();
    const state = running.current?.state.get();
    const stopped = (await door.stoppedAt(whole.id)) ?? noticeable(row.missing)[0]?.[0] ?? 0;
    const from = {
      resume_at_seconds: state?.position ?? stopped,
      covered: state?.covered ?? row.covered,
      waiting: state?.unproven ?? row.waiting,
    };
    run(
      new Watch(door.viewingOf(whole, from, w.replay.note(row.title)), "slides", row, w.replay.note(row.title)),
      playing,
    );
  };

  const leaveLink = (state: WatchState) => {
    if (!row) return;
    void running.current?.end();
    void action.run(() => openKept(row, state.playing));
  };
  const returnToLink = async (state: WatchState) => {
    // The log goes first: the questions that come are about what it tells.
    await outbox.deliver();
    if (row && outbox.linked.get()) open(row, "slides", state.playing);
  };
  useLink(watch, whole, leaveLink, (state) => void returnToLink(state));

  const shown = row && !recording.data ? { ...recording, data: row, error: null } : recording;
  return (
    <Page
      title={row?.part?.title ?? row?.title ?? w.replay.title}
      lead={row && `${row.session.title} · ${formatDate(row.session.starts_at)}`}
      back={{ to: "/xem-lai", text: w.missed.title }}
    >
      <Show of={shown} ghosts={<Ghosts count={1} height={420} />}>
        {(row) => (
          <>
            <Failure error={action.error} />
            {watch ? (
              <Player key={watch.viewing.id} watch={watch} onReopen={(mode) => open(row, mode)} />
            ) : (
              <Before row={row} busy={action.busy} onStart={(mode) => open(row, mode)} />
            )}
            {door && <door.KeepOnPhone row={row} />}
          </>
        )}
      </Show>
    </Page>
  );
}

/** Goes over to what is kept on this device when the link is lost, and back when there is one again. */
function useLink(
  watch: Watch | null,
  whole: Kept | null,
  onLost: (state: WatchState) => void,
  onBack: (state: WatchState) => void,
): void {
  useEffect(() => {
    if (!watch || !whole) return;
    const isKept = Boolean(watch.viewing.log);
    let before = outbox.linked.get();
    const lose = () => !isKept && watch.state.get().mode === "slides" && onLost(watch.state.get());
    const back = () => isKept && onBack(watch.state.get());
    const look = () => {
      const now = outbox.linked.get();
      if (now === before) return;
      before = now;
      (now ? back : lose)();
    };
    addEventListener("offline", lose);
    addEventListener("online", back);
    const stop = outbox.linked.subscribe(look);
    return () => {
      removeEventListener("offline", lose);
      removeEventListener("online", back);
      stop();
    };
  }, [watch, whole?.id]);
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
  const waiting = total(row.waiting);
  const begun = row.covered_ratio > 0 || waiting > 0;
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
            {begun
              ? w.missed.watchedOf(formatDuration(row.covered_ratio * row.duration_seconds), whole)
              : w.missed.lasts(whole)}
          </p>
          {waiting >= 1 && !row.credited && <p>{w.question.pending(formatDuration(waiting))}</p>}
          {begun && missing.length > 0 && <p>{w.replay.missing(formatMinutes(missing).slice(0, 6).join(", "))}</p>}
          {row.replay_until && !row.credited && <p class="quiet">{w.replay.until(formatDate(row.replay_until))}</p>}
        </div>
      </div>
      <Choice label={w.replay.way} value={mode} onValue={setMode} options={options} />
      <Button kind="big" icon="play" busy={busy} onClick={() => onStart(mode)}>
        {begun ? w.replay.goOn : w.replay.start}
      </Button>
      <p class="quiet small">{w.replay.logged}</p>
    </div>
  );
}
