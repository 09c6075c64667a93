import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { get, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { MyPlace } from "../../api/types";
import { formatMoment, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { last } from "../../last";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";
import { call, prepareChime } from "../../player/attention";
import { setQuery, useAddress } from "../../router";
import { canScan, codeOf, Scanner } from "./Scanner";
import "./group.css";

const POLL_MS = 10_000;
const DIGITS = 6;

/** The member's page: choose the room, check in with its code, and be called when it asks again. */
export function Enter() {
  const w = useWords(roomWords);
  const { query } = useAddress();
  const id = query.get("phong");
  return (
    <Page title={w.enter.title} lead={w.enter.lead} narrow>
      {id ? <Place key={id} id={id} scanned={query.get("ma")} /> : <Near />}
    </Page>
  );
}

function Near() {
  const w = useWords(roomWords);
  const near = useResource("/group-replays/near", { every: () => POLL_MS });
  return (
    <>
      <a class="button second" href="/diem-danh">
        <Icon name="check" />
        {w.enter.live}
      </a>
      <Show of={near}>
        {(rooms) =>
          rooms.length === 0 ? (
            <Empty title={w.enter.none}>
              <p class="quiet">{w.enter.noneHint}</p>
            </Empty>
          ) : (
            <section class="stack">
              <h2>{w.enter.near}</h2>
              <ul class="cards">
                {rooms.map((room) => (
                  <li key={room.id} class="card stack tight">
                    <h3>{room.room}</h3>
                    <p class="quiet">{room.address}</p>
                    <p>{room.title}</p>
                    <Button icon="forward" onClick={() => setQuery("phong", room.id)}>
                      {w.enter.choose}
                      <span class="unseen"> {room.room}</span>
                    </Button>
                  </li>
                ))}
              </ul>
            </section>
          )
        }
      </Show>
    </>
  );
}

function Place({ id, scanned }: { id: string; scanned: string | null }) {
  const w = useWords(roomWords);
  const place = useResource(`/group-replays/${id}/mine`, { every: (mine) => (mine.signed ? null : POLL_MS) });
  return (
    <>
      <Show of={place}>
        {(mine) => <CheckIn mine={mine} scanned={scanned} onNews={(news) => place.replace(news)} />}
      </Show>
      <p>
        <Button kind="plain" icon="back" onClick={() => leave()}>
          {w.enter.another}
        </Button>
      </p>
    </>
  );
}

function leave(): void {
  setQuery("ma", null);
  setQuery("phong", null);
}

function CheckIn({
  mine,
  scanned,
  onNews,
}: {
  mine: MyPlace;
  scanned: string | null;
  onNews: (mine: MyPlace) => void;
}) {
  const w = useWords(roomWords);
  const [code, setCode] = useState("");
  const [scanning, setScanning] = useState(false);
  const action = useAction();
  const send = (typed: string) => {
    prepareChime();
    void action.run(async () => {
      onNews(await post(`/group-replays/${mine.id}/check-ins`, { code: typed }));
      setCode("");
      setScanning(false);
    });
  };
  useEffect(() => {
    // The camera of the phone opened this page by the room's QR code: the code came with the address, and dies soon.
    if (scanned && !mine.signed) {
      setQuery("ma", null);
      send(scanned);
    }
  }, [scanned]);
  const again = mine.asked && mine.checked_in.length > 0;
  useEffect(() => {
    // A page that was not touched yet may not buzz, and has just been opened anyway.
    if (again && navigator.userActivation?.hasBeenActive) call();
  }, [again]);
  const newest = last(mine.checked_in);
  return (
    <section class="card stack" aria-labelledby="place">
      <div class="stack tight">
        <h2 id="place">{mine.room}</h2>
        <p>{mine.title}</p>
      </div>
      {newest && mine.at_newest && (
        <Notice tone="good">
          <p>
            <strong>{w.enter.checked(formatTime(newest))}</strong>
          </p>
          {!mine.ended_at && <p>{w.enter.stay}</p>}
        </Notice>
      )}
      {mine.signed ? (
        <Notice tone="plain">{w.enter.signed}</Notice>
      ) : (
        !mine.at_newest && (
          <>
            {mine.asked ? (
              <Notice tone="warn">{w.enter.asked}</Notice>
            ) : (
              <p class="quiet">{mine.ended_at ? w.enter.ended : w.enter.late}</p>
            )}
            <form
              class="stack"
              onSubmit={(event) => {
                event.preventDefault();
                send(code);
              }}
            >
              <TextField
                label={w.enter.code}
                value={code}
                onValue={(typed) => setCode(typed.replace(/\D/g, "").slice(0, DIGITS))}
                inputMode="numeric"
                autoComplete="off"
                short
              />
              <Failure error={action.error} />
              <button
                type="submit"
                class="button big"
                aria-busy={action.busy}
                disabled={action.busy || code.length < DIGITS}
              >
                <Icon name="check" />
                {w.enter.send}
              </button>
            </form>
            {canScan() &&
              (scanning ? (
                <Scanner read={(text) => codeOf(text, mine.id)} onCode={send} onStop={() => setScanning(false)} />
              ) : (
                <Button kind="second" icon="phone" onClick={() => setScanning(true)}>
                  {w.enter.scan}
                </Button>
              ))}
            <p class="quiet small">{w.enter.alone}</p>
          </>
        )
      )}
      {mine.checked_in.length > 1 && (
        <details>
          <summary>{w.enter.all}</summary>
          <ul>
            {mine.checked_in.map((at) => (
              <li key={at}>{formatMoment(at)}</li>
            ))}
          </ul>
        </details>
      )}
      {!mine.signed && <OwnCode session={mine.session_id} />}
    </section>
  );
}

/** For a room without a link, or a phone without power: what the proctor's device takes instead. */
function OwnCode({ session }: { session: string }) {
  const w = useWords(roomWords);
  const [code, setCode] = useState<string | null>(null);
  const action = useAction();
  const show = () => action.run(async () => setCode((await get(`/sessions/${session}/my-code`)).code));
  return (
    <div class="stack tight">
      {code ? (
        <>
          <p>{w.enter.own}</p>
          <p class="room-code number">{`${code.slice(0, 4)} ${code.slice(4)}`}</p>
          <p class="quiet small">{w.enter.ownHint}</p>
        </>
      ) : (
        <Button kind="plain" icon="person" busy={action.busy} onClick={() => void show()}>
          {w.enter.showOwn}
        </Button>
      )}
      <Failure error={action.error} />
    </div>
  );
}
