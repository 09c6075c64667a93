import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { GroupReplay, RoomLine } from "../../api/types";
import { formatTime } from "../../format";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { useMe } from "../../login";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";

/** Who is in the room, and checking in those who cannot do it themselves. */
export function RoomRoster({ room, onNews }: { room: GroupReplay; onNews: (room: GroupReplay) => void }) {
  const w = useWords(roomWords);
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(50);
  const lines = useResource(`/group-replays/${room.id}/roster`, { query: { q: useSettled(typed), limit } });
  const action = useAction();
  useEffect(() => lines.reload(), [room.present, room.moment.number]);
  const tick = (person: string) =>
    action.run(async () => {
      onNews(await post(`/group-replays/${room.id}/ticks`, { person_ids: [person] }));
      lines.reload();
    });
  return (
    <section class="stack" aria-labelledby="room-roster">
      <h2 id="room-roster">{w.roster.title}</h2>
      <Card room={room} onTaken={lines.reload} />
      <TextField type="search" label={w.roster.find} value={typed} onValue={setTyped} />
      <p class="quiet small">{w.roster.tickHint}</p>
      <Failure error={action.error} />
      <Show of={lines} within>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={typed ? w.nothingFound : w.roster.none} />
          ) : (
            <>
              <ul class="rows">
                {items.map((line) => (
                  <Line key={line.person.id} line={line} busy={action.busy} onTick={() => void tick(line.person.id)} />
                ))}
              </ul>
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 100)} />
            </>
          )
        }
      </Show>
    </section>
  );
}

function Line({ line, busy, onTick }: { line: RoomLine; busy: boolean; onTick: () => void }) {
  const w = useWords(roomWords);
  const me = useMe();
  const { person, last_at, method, at_newest, same_network } = line;
  return (
    <li class="row room-line">
      <span class="grow stack tight">
        <strong>{person.full_name}</strong>
        <small class="quiet">{[person.member_number, person.unit.name].filter(Boolean).join(" · ")}</small>
      </span>
      {last_at && method && (
        <span class="with-icon small">
          <Icon name={at_newest ? "check" : "clock"} />
          {[
            at_newest ? w.roster.here : w.roster.before,
            w.roster.methods[method],
            w.roster.at(formatTime(last_at)),
            same_network === false && w.roster.otherNetwork,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      )}
      {!at_newest && person.id !== me?.person.id && (
        <Button kind="second" busy={busy} onClick={onTick}>
          {w.roster.tick}
          <span class="unseen"> {person.full_name}</span>
        </Button>
      )}
    </li>
  );
}

/** Somebody without a working phone shows their own code. */
function Card({ room, onTaken }: { room: GroupReplay; onTaken: () => void }) {
  const w = useWords(roomWords);
  const [code, setCode] = useState("");
  const [came, setCame] = useState<string | null>(null);
  const action = useAction();
  const take = (event: Event) => {
    event.preventDefault();
    setCame(null);
    void action.run(async () => {
      setCame((await post(`/group-replays/${room.id}/cards`, { code })).full_name);
      setCode("");
      onTaken();
    });
  };
  return (
    <form class="stack tight" onSubmit={take}>
      <div class="line room-card">
        <TextField
          label={w.roster.card}
          hint={w.roster.cardHint}
          value={code}
          onValue={setCode}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={12}
        />
        <button type="submit" class="button second" aria-busy={action.busy} disabled={action.busy || code.length < 8}>
          {w.roster.takeCard}
        </button>
      </div>
      <Failure error={action.error} />
      {came && <Notice tone="good">{w.roster.came(came)}</Notice>}
    </form>
  );
}
