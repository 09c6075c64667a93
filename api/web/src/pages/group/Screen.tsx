import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { get, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { GroupReplay, RoomMedia } from "../../api/types";
import { formatNumber, formatPosition } from "../../format";
import { codeAt, type Heard, secondsLeft } from "../../group/codes";
import { RoomPlayer } from "../../group/player";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { Icon } from "../../parts/icons";
import { useNow } from "../../parts/now";
import { Page } from "../../parts/page";
import { Button, Failure, Show } from "../../parts/show";
import { call } from "../../player/attention";
import { useStore } from "../../store";
import { Picture } from "./Picture";
import { Qr } from "./Qr";
import { RoomRoster } from "./RoomRoster";
import { Signing } from "./Signing";

/** How often the room is asked for when no beat's answer brings news: codes must not run out. */
const POLL_MS = 12_000;

/** The room's one screen: the replay, the code to check in with, who is here, and at the end the signature. */
export function Screen({ id }: { id: string }) {
  const w = useWords(roomWords);
  const first = useResource(`/group-replays/${id}`);
  const film = useResource(`/group-replays/${id}/player`);
  return (
    <Page
      title={first.data?.title ?? w.rooms.title}
      lead={first.data ? `${first.data.room}, ${first.data.address}` : null}
      back={{ to: "/xem-chung", text: w.screen.back }}
    >
      <Show of={first}>
        {(room) => <Show of={film}>{(media) => <Running key={room.id} first={room} film={media} />}</Show>}
      </Show>
    </Page>
  );
}

function Running({ first, film }: { first: GroupReplay; film: RoomMedia }) {
  const [heard, setHeard] = useState<Heard>({ room: first, at: performance.now() });
  const hear = (room: GroupReplay) => setHeard({ room, at: performance.now() });
  const player = useRef<RoomPlayer | null>(null);
  player.current ??= new RoomPlayer(first, film, `${first.title}, ${first.room}`, hear);
  useEffect(() => () => void player.current?.end(), []);
  useNews(heard, hear);
  const { room } = heard;
  useEffect(() => {
    if (room.moment.kind !== "start" && navigator.userActivation?.hasBeenActive) call();
  }, [room.moment.number]);
  if (room.ended_at === null) {
    return (
      <>
        <Playing heard={heard} player={player.current} onNews={hear} />
        <RoomRoster room={room} onNews={hear} />
      </>
    );
  }
  return (
    <>
      {room.signed_at === null && <CheckIn heard={heard} />}
      <Signing heard={heard} onNews={hear} />
      {room.signed_at === null && <RoomRoster room={room} onNews={hear} />}
    </>
  );
}

/** Asks for the room again when nothing was heard of it for a while. */
function useNews(heard: Heard, hear: (room: GroupReplay) => void): void {
  useEffect(() => {
    if (heard.room.signed_at !== null) return;
    const ask = () => get(`/group-replays/${heard.room.id}`).then(hear, () => undefined);
    const timer = setInterval(() => void ask(), POLL_MS);
    return () => clearInterval(timer);
  }, [heard]);
}

function Playing({ heard, player, onNews }: { heard: Heard; player: RoomPlayer; onNews: (room: GroupReplay) => void }) {
  const w = useWords(roomWords);
  const state = useStore(player.state);
  const whole = useRef<HTMLDivElement>(null);
  const now = useNow();
  const asking = heard.room.moment.kind === "random" && secondsLeft(heard, now) > 0;
  return (
    <div class={`room-screen ${asking ? "asking" : ""}`} ref={whole}>
      <div class="stack room-film">
        <Picture player={player} position={state.position} />
        {state.waiting && (
          <p class="with-icon" role="status">
            <Icon name="clock" />
            {w.screen.waiting}
          </p>
        )}
        <div class="line">
          <Button
            icon={state.playing ? "pause" : "play"}
            onClick={() => (state.playing ? player.pause() : void player.play())}
          >
            {state.playing ? w.screen.pause : w.screen.play}
          </Button>
          <span class="number">
            {w.screen.position(formatPosition(state.position), formatPosition(player.film.duration_seconds))}
          </span>
          <Button kind="plain" icon="video" onClick={() => void whole.current?.requestFullscreen?.()}>
            {w.screen.whole}
          </Button>
          <End room={heard.room} player={player} onNews={onNews} />
        </div>
        <input
          type="range"
          class="room-seek"
          aria-label={w.screen.seek}
          aria-valuetext={formatPosition(state.position)}
          min={0}
          max={Math.floor(player.film.duration_seconds)}
          value={Math.floor(state.position)}
          onChange={(event) => player.seek(Number(event.currentTarget.value))}
        />
      </div>
      <CheckIn heard={heard} />
    </div>
  );
}

/** The code that everybody scans or types, and whether they are asked to right now. */
function CheckIn({ heard }: { heard: Heard }) {
  const w = useWords(roomWords);
  const now = useNow();
  const { room } = heard;
  const code = codeAt(heard, now);
  const left = secondsLeft(heard, now);
  const kind = room.moment.kind;
  return (
    <section class={`card stack check-in ${left > 0 ? kind : ""}`} aria-label={w.screen.code}>
      {left > 0 && (
        <div class="stack tight" role={kind === "start" ? undefined : "alert"}>
          <h2>{w.screen.ask[kind]}</h2>
          <p>{w.screen.askHint[kind]}</p>
        </div>
      )}
      {left > 0 && kind !== "start" && <p class="number">{w.screen.left(formatPosition(left))}</p>}
      {code ? (
        <>
          <Qr text={`${location.origin}/vao-phong?phong=${room.id}&ma=${code}`} label={w.screen.codeFor(code)} />
          <p class="small">{w.screen.howTo}</p>
          <p class="room-code number">{`${code.slice(0, 3)} ${code.slice(3)}`}</p>
          <p class="quiet small">{w.screen.changes}</p>
        </>
      ) : (
        <p class="with-icon" role="status">
          <Icon name="unlink" />
          {w.screen.lostCodes}
        </p>
      )}
      <p class="with-icon">
        <Icon name="people" />
        {w.screen.present(formatNumber(room.present), formatNumber(room.seats))}
      </p>
    </section>
  );
}

function End({ room, player, onNews }: { room: GroupReplay; player: RoomPlayer; onNews: (room: GroupReplay) => void }) {
  const w = useWords(roomWords);
  const [asked, setAsked] = useState(false);
  const action = useAction();
  const end = () =>
    action.run(async () => {
      player.pause();
      await player.beat();
      player.close();
      try {
        onNews(await post(`/group-replays/${room.id}/end`));
      } catch (error) {
        void player.open();
        throw error;
      }
    });
  if (!asked) {
    return (
      <Button kind="second" icon="check" onClick={() => setAsked(true)}>
        {w.screen.end}
      </Button>
    );
  }
  return (
    <div class="stack tight">
      <p>{w.screen.endHint}</p>
      <Failure error={action.error} />
      <div class="line">
        <Button busy={action.busy} icon="check" onClick={() => void end()}>
          {w.screen.reallyEnd}
        </Button>
        <Button kind="plain" onClick={() => setAsked(false)}>
          {w.screen.notYet}
        </Button>
      </div>
    </div>
  );
}
