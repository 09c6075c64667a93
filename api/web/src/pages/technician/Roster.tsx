import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { NewCheckIns, RosterLine, Session } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { matches } from "../../fold";
import { formatNumber, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { useMe } from "../../login";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { likelyMoment } from "./likelyMoment";
import "./technician.css";

/** Ticking off who is in the room, from the list of those summoned. */
export function Roster({ id }: PageProps) {
  const w = useWords(technician);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  return (
    <Page
      title={w.roster.title}
      lead={point.data?.point.name ?? null}
      back={{ to: `/diem-cau/${id}`, text: w.point.title }}
      narrow
    >
      <Show of={point}>
        {(known) => (
          <Show of={session} within>
            {(data) => <RosterOfPart pointId={id} pointName={known.point.name} session={data} />}
          </Show>
        )}
      </Show>
    </Page>
  );
}

function RosterOfPart({ pointId, pointName, session }: { pointId: string; pointName: string; session: Session }) {
  const w = useWords(technician);
  const [partId, setPartId] = useState(likelyMoment(session.parts, new Date()).partId);
  const path = `/session-points/${pointId}/check-ins` as const;
  const list = useResource(path, { query: { part_id: partId }, keep: true });
  const mine = useStore(outbox.entries).filter((entry) => entry.path === path);
  const refused = mine.filter((entry) => entry.refusal !== null);
  const onTheWay = new Set(
    mine.flatMap((entry) => {
      if (entry.refusal !== null) return [];
      const body = entry.body as NewCheckIns;
      return body.part_id === partId ? body.person_ids : [];
    }),
  );
  const send = async (person_ids: string[]) => {
    const body: NewCheckIns = {
      part_id: partId,
      person_ids,
      checked_at: new Date().toISOString(),
      client_key: makeKey(),
    };
    await outbox.add("check-in", path, body, w.roster.note(person_ids.length, pointName));
    await outbox.deliver();
    list.reload();
  };
  return (
    <>
      {session.parts.length > 1 && (
        <Choice
          across
          label={w.count.part}
          value={partId}
          onValue={setPartId}
          options={session.parts.map((one) => ({ value: one.id, text: one.title }))}
        />
      )}
      {refused.map((entry) => (
        <Notice key={entry.id} tone="bad">
          <p>
            {entry.note}: {entry.refusal}
          </p>
          <Button kind="plain" onClick={() => void outbox.dismiss(entry.id)}>
            {w.outbox.dismiss}
          </Button>
        </Notice>
      ))}
      {onTheWay.size > 0 && <Notice tone="warn">{w.roster.waits(onTheWay.size)}</Notice>}
      <Show of={list} within ghosts={<Ghosts count={5} height={56} />}>
        {({ roster }) =>
          roster.length === 0 ? (
            <Empty title={w.roster.empty}>
              <p class="quiet">{w.roster.emptyHint}</p>
            </Empty>
          ) : (
            <TickList key={partId} roster={roster} onTheWay={onTheWay} onSend={send} />
          )
        }
      </Show>
    </>
  );
}

function TickList({
  roster,
  onTheWay,
  onSend,
}: {
  roster: RosterLine[];
  onTheWay: Set<string>;
  onSend: (ids: string[]) => Promise<void>;
}) {
  const w = useWords(technician);
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState<string[]>([]);
  const me = useMe();
  const present = roster.filter((line) => line.checked_at || onTheWay.has(line.person.id)).length;
  const found = roster.filter((line) => matches(`${line.person.full_name} ${line.person.member_number ?? ""}`, typed));
  const toggle = (id: string) => setTicked(ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id]);
  const send = () => {
    setTicked([]);
    setTyped("");
    void onSend(ticked);
  };
  return (
    <div class="stack">
      <p>
        <strong>{w.roster.presentOf(formatNumber(present), formatNumber(roster.length))}</strong>
      </p>
      <TextField type="search" label={w.roster.find} value={typed} onValue={setTyped} />
      {found.length === 0 && <p>{w.nothingFound}</p>}
      <ul class="rows ticks">
        {found.map(({ person, checked_at }) => (
          <li key={person.id}>
            {checked_at || onTheWay.has(person.id) ? (
              <p class="row">
                <Icon name={checked_at ? "check" : "clock"} />
                <span class="grow">{person.full_name}</span>
                <span class="quiet small">{checked_at ? w.roster.at(formatTime(checked_at)) : w.outbox.waits}</span>
              </p>
            ) : person.id === me?.person.id ? (
              <p class="row">
                <span class="grow">{person.full_name}</span>
                <span class="quiet small">{w.roster.notOneself}</span>
              </p>
            ) : (
              <label class="choice">
                <input type="checkbox" checked={ticked.includes(person.id)} onChange={() => toggle(person.id)} />
                <span>
                  {person.full_name}
                  <small class="quiet">{[person.member_number, person.unit.name].filter(Boolean).join(" · ")}</small>
                </span>
              </label>
            )}
          </li>
        ))}
      </ul>
      <div class="stays">
        <Button kind="big" icon="check" disabled={ticked.length === 0} onClick={send}>
          {ticked.length === 0 ? w.roster.tickFirst : w.roster.submit(ticked.length)}
        </Button>
      </div>
    </div>
  );
}
