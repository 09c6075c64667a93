import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Rung } from "../../api/types";
import { formatBytes, formatDuration, formatMinutes, formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { Icon } from "../../parts/icons";
import { Button, Notice } from "../../parts/show";
import { noticeable, total } from "../../player/covered";
import { bytesOf, offered } from "../../player/rungs";
import type { Watch, WatchMode, WatchState } from "../../player/watch";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { rungText, videoCost } from "./costs";
import { SlideList } from "./SlideList";
import { Stage } from "./Stage";
import { Track } from "./Track";

const STEP_SECONDS = 10;
const RATES = [0.75, 1, 1.25, 1.5];

/** The open replay: stage, controls, what is watched and missing, and the list of slides. */
export function Player({ watch, onReopen }: { watch: Watch; onReopen: (mode: WatchMode) => void }) {
  const w = useWords(member);
  const state = useStore(watch.state);
  const { viewing } = watch;
  const rungs = useMemo(() => offered(viewing.video?.rungs ?? []), [viewing]);
  useKeys(watch);
  useLockScreen(watch);
  return (
    <div class="player">
      <div class="stack">
        <Stage watch={watch} state={state} />
        <Moving watch={watch} state={state} rungs={rungs} />
        <Status state={state} onReopen={() => onReopen(state.mode)} />
        <Controls watch={watch} state={state} />
        <section class="stack tight" aria-label={w.replay.watchedBar}>
          <Track watch={watch} state={state} />
          <p class="legend">
            <span>
              <i class="done" />
              {w.replay.done(formatDuration(total(state.covered)))}
            </span>
            <span>
              <i class="miss" />
              {w.replay.notYet}
            </span>
          </p>
          <Missing watch={watch} state={state} />
        </section>
        <Ways watch={watch} state={state} rungs={rungs} />
        <Download watch={watch} />
      </div>
      <div class="side">
        {viewing.slides.length > 0 && (
          <SlideList slides={viewing.slides} position={state.position} onSeek={(at) => goTo(watch, at)} />
        )}
      </div>
    </div>
  );
}

function goTo(watch: Watch, seconds: number): void {
  watch.seek(seconds);
  void watch.play();
}

/** One calm line under the picture; its place is kept also when there is nothing to say. */
function Status({ state, onReopen }: { state: WatchState; onReopen: () => void }) {
  const w = useWords(member);
  const linked = useStore(outbox.linked);
  if (state.superseded) {
    return (
      <Notice tone="warn">
        <p>{w.replay.superseded}</p>
        <Button icon="play" onClick={onReopen}>
          {w.replay.reopen}
        </Button>
      </Notice>
    );
  }
  if (state.credited) {
    return (
      <Notice tone="good" icon="award">
        <strong>{w.replay.credited}</strong> {state.reasons.map((reason) => reason.detail).join(" ")}
      </Notice>
    );
  }
  return (
    <p class="status-line with-icon" role="status">
      {state.lost || !linked ? (
        <>
          <Icon name="unlink" />
          <span>{w.replay.lost}</span>
        </>
      ) : state.waiting ? (
        <>
          <Icon name="clock" />
          <span>{w.replay.waiting}</span>
        </>
      ) : null}
    </p>
  );
}

function Controls({ watch, state }: { watch: Watch; state: WatchState }) {
  const w = useWords(member);
  return (
    <fieldset class="controls" disabled={state.superseded} aria-label={w.replay.controls}>
      <button type="button" onClick={() => watch.seek(state.position - STEP_SECONDS)}>
        <Icon name="rewind" />
        {w.replay.back10}
      </button>
      <button type="button" class="main" onClick={() => watch.toggle()}>
        <Icon name={state.playing ? "pause" : "play"} />
        {state.playing ? w.replay.pause : w.replay.play}
      </button>
      <button type="button" onClick={() => watch.seek(state.position + STEP_SECONDS)}>
        <Icon name="skip" />
        {w.replay.skip10}
      </button>
    </fieldset>
  );
}

/** The stretches still missing as buttons that lead there. */
function Missing({ watch, state }: { watch: Watch; state: WatchState }) {
  const w = useWords(member);
  const missing = noticeable(state.missing);
  if (missing.length === 0) return <p>{w.replay.allWatched}</p>;
  const first = missing.slice(0, 6);
  return (
    <div class="line">
      <span>{w.replay.stillMissing}</span>
      {first.map((stretch) => (
        <Button
          key={stretch[0]}
          kind="second"
          onClick={() => goTo(watch, stretch[0])}
          aria-label={w.replay.goToMinute(formatMinutes([stretch]).join())}
        >
          {w.replay.minutes(formatMinutes([stretch]).join())}
        </Button>
      ))}
      {missing.length > first.length && <span class="quiet">{w.replay.andMore(missing.length - first.length)}</span>}
    </div>
  );
}

function Ways({ watch, state, rungs }: { watch: Watch; state: WatchState; rungs: Rung[] }) {
  const w = useWords(member);
  const other: WatchMode = state.mode === "slides" ? "video" : "slides";
  const possible = other === "video" ? rungs.length > 0 : watch.viewing.speech.length > 0;
  return (
    <div class="line">
      <label class="line">
        {w.replay.speed}
        <select
          class="box"
          style={{ width: "auto" }}
          value={state.rate}
          onChange={(event) => watch.setRate(Number(event.currentTarget.value))}
        >
          {RATES.filter((rate) => rate <= watch.viewing.max_rate).map((rate) => (
            <option key={rate} value={rate}>
              {w.replay.times(rate)}
            </option>
          ))}
        </select>
      </label>
      {state.mode === "video" && rungs.length > 1 && (
        <label class="line" style={{ minWidth: 0 }}>
          {w.replay.picture}
          <select
            class="box"
            style={{ width: "auto", maxWidth: "100%" }}
            value={state.rung ?? ""}
            onChange={(event) => watch.setRung(event.currentTarget.value || null)}
          >
            <option value="">{w.replay.automatic(videoCost(w, rungs))}</option>
            {rungs.map((rung) => (
              <option key={rung.name} value={rung.name}>
                {rungText(w, rung)}
              </option>
            ))}
          </select>
        </label>
      )}
      {possible && (
        <Button kind="second" icon={other === "video" ? "video" : "slides"} onClick={() => watch.setMode(other)}>
          {w.replay.switchTo[other]}
        </Button>
      )}
    </div>
  );
}

/** Where the picture moves, slides show too little: a calm line says so, with what the video would cost. */
function Moving({ watch, state, rungs }: { watch: Watch; state: WatchState; rungs: Rung[] }) {
  const w = useWords(member);
  const { moving } = watch.viewing;
  const lightest = rungs[0];
  if (state.mode !== "slides" || moving.length === 0 || !lightest) return null;
  const now = moving.find(([from, to]) => from <= state.position && state.position < to);
  // Its place is kept for the whole recording, so that nothing moves under a thumb when such a stretch begins.
  return (
    <div class="moving line" role="status">
      {now && (
        <>
          <span>{w.replay.moving(formatBytes(bytesOf(lightest, now[1] - state.position)))}</span>
          <Button kind="second" icon="video" onClick={() => watch.setMode("video")}>
            {w.replay.movingVideo}
          </Button>
        </>
      )}
    </div>
  );
}

function Download({ watch }: { watch: Watch }) {
  const w = useWords(member);
  const { download } = watch.viewing;
  if (!download) return null;
  return (
    <a class="crumb" href={download.url} download>
      <Icon name="down" />
      {w.replay.download(formatBytes(download.bytes))}
    </a>
  );
}

/** Space and the arrows work anywhere on the page, except where they already mean something. */
function useKeys(watch: Watch): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, [role=slider], summary")) return;
      const { position } = watch.state.get();
      if (event.key === " " && !target.closest("button, a")) watch.toggle();
      else if (event.key === "ArrowLeft") watch.seek(position - STEP_SECONDS);
      else if (event.key === "ArrowRight") watch.seek(position + STEP_SECONDS);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [watch]);
}

/** Headset keys and the locked screen's buttons reach the player too. */
function useLockScreen(watch: Watch): void {
  const done = useRef(false);
  useEffect(() => {
    const remote = navigator.mediaSession;
    if (!remote || done.current) return;
    done.current = true;
    remote.metadata = new MediaMetadata({ title: watch.viewing.title });
    const position = () => watch.state.get().position;
    remote.setActionHandler("play", () => void watch.play());
    remote.setActionHandler("pause", () => watch.pause());
    remote.setActionHandler("seekbackward", () => watch.seek(position() - STEP_SECONDS));
    remote.setActionHandler("seekforward", () => watch.seek(position() + STEP_SECONDS));
    return () => {
      for (const action of ["play", "pause", "seekbackward", "seekforward"] as const)
        remote.setActionHandler(action, null);
    };
  }, [watch]);
}

export const positionText = (seconds: number, whole: number) => `${formatPosition(seconds)} / ${formatPosition(whole)}`;
