import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { ConnectionPoint } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { register } from "../../i18n/vi/register";
import { technician } from "../../i18n/vi/technician";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";
import { go } from "../../router";
import { ManyPoints } from "./ManyPoints";
import { Relays } from "./Relays";

/** Which registered rooms take part, and how many people each expects. */
export function AddPoints({ id }: PageProps) {
  const w = useWords(technician, register);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<Record<string, string>>({});
  /** Rooms that are busy elsewhere at that time, which the person says is right. */
  const [answered, setAnswered] = useState<string[]>([]);
  const session = useResource(`/sessions/${id}`);
  const taken = useResource(`/sessions/${id}/points`, { query: { limit: 500 } });
  const rooms = useResource("/connection-points", {
    query: { q: useSettled(typed), limit: 100 },
  });
  const action = useAction();
  const count = Object.keys(chosen).length;

  const toggle = (room: ConnectionPoint) => {
    action.fail(null);
    const { [room.id]: was, ...others } = chosen;
    setChosen(was === undefined ? { ...others, [room.id]: room.seats === null ? "" : String(room.seats) } : others);
  };
  const submit = (answered: string[]) =>
    action.run(async () => {
      const points = Object.entries(chosen).map(([connection_point_id, expected]) => ({
        connection_point_id,
        expected_count: expected === "" ? null : Number(expected),
        although_busy: answered.includes(connection_point_id),
      }));
      await post(`/sessions/${id}/points`, { points });
      go(`/hoi-nghi/${id}`);
    });

  const answer = (busy: string[]) => {
    const whole = [...answered, ...busy];
    setAnswered(whole);
    void submit(whole);
  };
  const leaveOut = (busy: string[]) => {
    action.fail(null);
    setChosen(Object.fromEntries(Object.entries(chosen).filter(([id]) => !busy.includes(id))));
  };

  const busy = busyIn(action.error);
  const already = new Set(taken.data?.items.map((point) => point.point.id));
  return (
    <Page
      title={w.addPoints.title}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}`, text: w.conference.one }}
      narrow
    >
      <ManyPoints sessionId={id} onAdded={taken.reload} />
      <Relays sessionId={id} of={taken.data?.total} />
      <div class="line apart">
        <TextField type="search" label={w.addPoints.find} value={typed} onValue={setTyped} />
        <a class="button second" href="/phong-hop/moi">
          <Icon name="plus" />
          {w.rooms.register}
        </a>
      </div>
      <Show of={rooms}>
        {({ items, total }) =>
          total === 0 && !typed ? (
            <Empty title={w.rooms.none}>
              <p class="quiet">{w.rooms.noneHint}</p>
            </Empty>
          ) : items.length === 0 ? (
            <p>{w.nothingFound}</p>
          ) : (
            <ul class="stack">
              {items.map((room) => (
                <li key={room.id} class="stack tight">
                  {already.has(room.id) ? (
                    <p class="card with-icon">
                      <Icon name="check" />
                      <span>
                        {room.name} <span class="quiet">· {w.addPoints.already}</span>
                      </span>
                    </p>
                  ) : (
                    <label class="choice">
                      <input type="checkbox" checked={room.id in chosen} onChange={() => toggle(room)} />
                      <span>
                        {room.name}
                        <small class="quiet">
                          {room.unit.name}
                          {room.seats !== null && ` · ${w.rooms.seatCount(formatNumber(room.seats))}`}
                        </small>
                      </span>
                    </label>
                  )}
                  {room.id in chosen && (
                    <TextField
                      label={w.addPoints.expected(room.name)}
                      type="number"
                      inputMode="numeric"
                      min={0}
                      max={100000}
                      short
                      value={chosen[room.id] ?? ""}
                      onValue={(value) => setChosen({ ...chosen, [room.id]: value })}
                    />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      <div class="stack tight stays">
        {busy ? (
          <Notice tone="warn" icon="warning">
            <div class="stack tight">
              <p>{busy.question}</p>
              <div class="line">
                <Button busy={action.busy} onClick={() => answer(busy.rooms)}>
                  {w.busy.isRight}
                </Button>
                <Button kind="second" onClick={() => leaveOut(busy.rooms)}>
                  {w.busy.leaveOut}
                </Button>
              </div>
            </div>
          </Notice>
        ) : (
          <>
            <Failure error={action.error} />
            <Button
              kind="big"
              icon="plus"
              busy={action.busy}
              disabled={count === 0}
              onClick={() => void submit(answered)}
            >
              {count === 0 ? w.addPoints.chooseFirst : w.addPoints.submit(count)}
            </Button>
          </>
        )}
      </div>
    </Page>
  );
}

/** Another conference has some of the rooms at the same time: that is asked about, and the person says which it is. */
function busyIn(error: unknown): { question: string; rooms: string[] } | null {
  if (!(error instanceof Problem) || error.code !== "points-busy") return null;
  return { question: error.message, rooms: String(error.facts.rooms).split(" ") };
}
