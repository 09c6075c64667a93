import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { GroupReplayRow } from "../../api/types";
import { formatDate, formatDuration, formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Failure, Show, Tag } from "../../parts/show";
import { prepareChime } from "../../player/attention";
import { setQuery, useAddress } from "../../router";
import { Screen } from "./Screen";
import "./group.css";

/** The others are found by typing. */
const PLACES_SHOWN = 6;

/** The proctor's page: the rooms that run, a new one, and the screen of the one that is open. */
export function GroupRooms() {
  const { query } = useAddress();
  const id = query.get("phong");
  return id ? <Screen key={id} id={id} /> : <List />;
}

function List() {
  const w = useWords(roomWords);
  const running = useResource("/group-replays");
  return (
    <Page title={w.rooms.title} lead={w.rooms.lead}>
      <Show of={running}>
        {(rooms) => (
          <>
            {rooms.length > 0 && <Running rooms={rooms} />}
            <Opening />
          </>
        )}
      </Show>
    </Page>
  );
}

function Running({ rooms }: { rooms: GroupReplayRow[] }) {
  const w = useWords(roomWords);
  return (
    <section class="stack">
      <h2>{w.rooms.running}</h2>
      <ul class="cards">
        {rooms.map((one) => (
          <li key={one.id} class="card stack tight">
            <h3>{one.room}</h3>
            <p>{one.title}</p>
            <p class="quiet">{w.rooms.since(formatMoment(one.opened_at))}</p>
            {one.ended_at && <Tag tone="warn">{w.rooms.toSign}</Tag>}
            <Button icon="forward" onClick={() => enter(one.id)}>
              {w.rooms.goOn}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function enter(id: string): void {
  // Browsers let a page make sounds of its own only after a tap.
  prepareChime();
  setQuery("phong", id);
}

function Opening() {
  const w = useWords(roomWords);
  const recordings = useResource("/group-replays/recordings");
  const [typed, setTyped] = useState("");
  const places = useResource("/connection-points", { query: { q: useSettled(typed), limit: PLACES_SHOWN } });
  const [recording, setRecording] = useState<string | null>(null);
  const [place, setPlace] = useState<string | null>(null);
  const action = useAction();
  const open = () =>
    action.run(async () => {
      if (recording === null || place === null) return;
      enter((await post("/group-replays", { recording_id: recording, connection_point_id: place })).id);
    });
  return (
    <section class="card stack" aria-labelledby="open-room">
      <h2 id="open-room">{w.rooms.open}</h2>
      <Show of={recordings} within>
        {(found) =>
          found.length === 0 ? (
            <Empty title={w.rooms.noRecording} />
          ) : (
            <>
              <Choice
                label={w.rooms.recording}
                value={recording}
                onValue={setRecording}
                options={found.map((one) => ({
                  value: one.recording_id,
                  text: one.title,
                  more: [formatDate(one.starts_at), w.rooms.lasts(formatDuration(one.duration_seconds))].join(" · "),
                }))}
              />
              {/* What comes after the list of places comes with it, so that nothing moves under a finger. */}
              <Show of={places} within>
                {({ items, total }) =>
                  items.length === 0 && typed === "" ? (
                    <Empty title={w.rooms.noPlace} />
                  ) : (
                    <>
                      {(total > items.length || typed !== "") && (
                        <TextField type="search" label={w.rooms.findPlace} value={typed} onValue={setTyped} />
                      )}
                      <Choice
                        label={w.rooms.place}
                        value={place}
                        onValue={setPlace}
                        options={items.map((one) => ({
                          value: one.id,
                          text: one.name,
                          more: [
                            one.unit.name,
                            one.seats === null ? w.rooms.noSeats : w.rooms.seats(formatNumber(one.seats)),
                          ].join(" · "),
                        }))}
                      />
                      <p class="with-icon quiet">
                        <Icon name="info" />
                        {w.rooms.notYours}
                      </p>
                      <Failure error={action.error} />
                      <Button
                        kind="big"
                        icon="play"
                        busy={action.busy}
                        disabled={recording === null || place === null}
                        onClick={() => void open()}
                      >
                        {w.rooms.start}
                      </Button>
                    </>
                  )
                }
              </Show>
            </>
          )
        }
      </Show>
    </section>
  );
}
