import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Rung } from "../../api/types";
import { formatBytes, formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { offline } from "../../i18n/vi/offline";
import { player } from "../../i18n/vi/player";
import { last } from "../../last";
import { Icon } from "../../parts/icons";
import { Button, Notice } from "../../parts/show";
import type { Act } from "../../player/keys";
import { nextMissing, nextSlide, slideBefore } from "../../player/moves";
import { bytesOf, offered } from "../../player/rungs";
import type { Watch, WatchMode, WatchState } from "../../player/watch";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { Agenda } from "./Agenda";
import { Controls, ratesOf, STEP_SECONDS, Ways } from "./Controls";
import { Keys } from "./Keys";
import { Progress } from "./Progress";
import { Question } from "./Question";
import { SlideList } from "./SlideList";
import { Budget } from "./Spending";
import { Stage } from "./Stage";
import { useZoom, ZoomButton } from "./Zoom";

/** The open replay: stage, controls, what is watched and missing, the agenda and the list of slides. */
export function Player({ watch, onReopen }: { watch: Watch; onReopen: (mode: WatchMode) => void }) {
  const w = useWords(player);
  const state = useStore(watch.state);
  const zoom = useZoom();
  const { viewing } = watch;
  const rungs = useMemo(() => offered(viewing.video?.rungs ?? []), [viewing]);
  const goTo = (seconds: number) => {
    watch.seek(seconds);
    void watch.play();
  };
  useLockScreen(watch);
  return (
    <div class="player">
      <div class="stack">
        <Stage watch={watch} state={state} zoom={zoom} />
        <Question questions={watch.questions} />
        <Moving watch={watch} state={state} rungs={rungs} />
        <Status state={state} kept={Boolean(viewing.log)} onReopen={() => onReopen(state.mode)} />
        <Controls watch={watch} state={state} />
        <Progress watch={watch} state={state} onSeek={goTo} />
        <div class="line">
          <Ways watch={watch} state={state} rungs={rungs} />
          {state.mode === "slides" && viewing.slides.length > 0 && <ZoomButton zoom={zoom} />}
        </div>
        {!isHere(watch, state) && <Budget watch={watch} state={state} rungs={rungs} />}
        {viewing.prompts && <p class="quiet small">{w.question.notice}</p>}
        <Download watch={watch} />
      </div>
      <div class="side stack">
        <Agenda agenda={viewing.agenda} slides={state.slides} position={state.position} onSeek={goTo} />
        {viewing.slides.length > 0 && (
          <SlideList slides={state.slides} position={state.position} pictures={state.begun} onSeek={goTo} />
        )}
        <Keys onAct={(act) => perform(act, watch, goTo, zoom.step)} />
      </div>
    </div>
  );
}

/** Whether what plays lies on this device, and so costs nothing. */
const isHere = (watch: Watch, { mode }: WatchState) =>
  mode === "slides" && watch.viewing.speech.every(({ url }) => url.startsWith("/kept/"));

function perform(act: Act, watch: Watch, goTo: (seconds: number) => void, enlarge: () => void): void {
  const { position, rate, missing } = watch.state.get();
  const { slides } = watch.viewing;
  const rates = ratesOf(watch);
  const follow = (at: number | null) => at !== null && goTo(at);
  const acts: Record<Act, () => unknown> = {
    toggle: () => watch.toggle(),
    back: () => watch.seek(position - STEP_SECONDS),
    on: () => watch.seek(position + STEP_SECONDS),
    slower: () => watch.setRate(last(rates.filter((one) => one < rate)) ?? rate),
    faster: () => watch.setRate(rates.find((one) => one > rate) ?? rate),
    slideBefore: () => follow(slideBefore(slides, position)),
    slideAfter: () => follow(nextSlide(slides, position)),
    nextMissing: () => follow(nextMissing(missing, position)),
    zoom: enlarge,
  };
  acts[act]();
}

/** One calm line under the picture; its place is kept also when there is nothing to say. */
interface StatusProps {
  state: WatchState;
  /** It plays without a link, from this device. */
  kept: boolean;
  onReopen: () => void;
}

function Status({ state, kept, onReopen }: StatusProps) {
  const w = useWords(player);
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
  return (
    <>
      {state.credited && (
        <Notice tone="good" icon="award">
          <strong>{w.replay.credited}</strong> {state.reasons.map((reason) => reason.detail).join(" ")}
        </Notice>
      )}
      <Link state={state} linked={linked} kept={kept} />
    </>
  );
}

function Link({ state, linked, kept }: { state: WatchState; linked: boolean; kept: boolean }) {
  const w = useWords(player, offline);
  return (
    <p class="status-line with-icon" role="status">
      {kept ? (
        <>
          <Icon name="phone" />
          <span>{w.watching}</span>
        </>
      ) : state.lost || !linked ? (
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

/** Where the picture moves, slides show too little: a calm line says so, with what the video would cost. */
function Moving({ watch, state, rungs }: { watch: Watch; state: WatchState; rungs: Rung[] }) {
  const w = useWords(player);
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
  const w = useWords(player);
  const { download } = watch.viewing;
  if (!download) return null;
  return (
    <a class="crumb" href={download.url} download>
      <Icon name="down" />
      {w.replay.download(formatBytes(download.bytes))}
    </a>
  );
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
