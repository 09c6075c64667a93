import { useEffect, useRef, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { NewCheckIns, NewWithdrawal, RosterLine, Session, Withdrawal } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { matches } from "../../fold";
import { formatMoment, formatNumber, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { technician } from "../../i18n/vi/technician";
import { useMe } from "../../login";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Button, Empty, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { likelyMoment } from "./likelyMoment";
import { PaperList } from "./PaperList";
import { TakeBack } from "./TakeBack";
import "./technician.css";

/** An old phone draws so many names without a pause; the others are found by typing. */
const SHOWN = 60;

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

type Way = "tick" | "paper";

function RosterOfPart({ pointId, pointName, session }: { pointId: string; pointName: string; session: Session }) {
  const w = useWords(technician, doors);
  const [partId, setPartId] = useState(likelyMoment(session.parts, new Date()).partId);
  const [way, setWay] = useState<Way>("tick");
  const path = `/session-points/${pointId}/check-ins` as const;
  const backPath = `/session-points/${pointId}/withdrawals`;
  const list = useResource(path, { query: { part_id: partId }, keep: true });
  const mine = useStore(outbox.entries).filter((entry) => entry.path === path || entry.path === backPath);
  const waiting = mine.filter((entry) => entry.refusal === null && (entry.body as NewCheckIns).part_id === partId);
  const onTheWay = new Set(
    waiting.flatMap((entry) => (entry.path === path ? (entry.body as NewCheckIns).person_ids : [])),
  );
  const goingBack = new Set(
    waiting.flatMap((entry) => (entry.path === backPath ? [(entry.body as NewWithdrawal).person_id] : [])),
  );
  const waits = waiting.length > 0;
  const waited = useRef(waits);
  useEffect(() => {
    // What waited has arrived, perhaps long after it was written: the list is to show it as the server has it.
    if (waited.current && !waits) list.reload();
    waited.current = waits;
  }, [waits]);
  const part = session.parts.find((one) => one.id === partId);
  const send = async (person_ids: string[], method: NewCheckIns["method"] = "roster") => {
    const checked_at = method === "paper" && part ? earlier(part.starts_at) : new Date().toISOString();
    const body: NewCheckIns = { part_id: partId, person_ids, checked_at, client_key: makeKey(), method };
    await outbox.add("check-in", path, body, w.roster.note(person_ids.length, pointName));
    await outbox.deliver();
  };
  const takeBack = async (person_id: string, reason: string) => {
    const withdrawn_at = new Date().toISOString();
    const body: NewWithdrawal = { part_id: partId, person_id, reason, withdrawn_at, client_key: makeKey() };
    await outbox.add("check-in", backPath, body, w.tick.noteBack(pointName));
    await outbox.deliver();
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
      {mine
        .filter((entry) => entry.refusal !== null)
        .map((entry) => (
          <Notice key={entry.id} tone="bad">
            <p>
              {entry.note}: {entry.refusal}
            </p>
            <Button kind="plain" onClick={() => void outbox.dismiss(entry.id)}>
              {w.outbox.dismiss}
            </Button>
          </Notice>
        ))}
      {onTheWay.size + goingBack.size > 0 && (
        <Notice tone="warn">{w.roster.waits(onTheWay.size + goingBack.size)}</Notice>
      )}
      <Show of={list} within ghosts={<Ghosts count={5} height={56} />}>
        {({ roster, withdrawn }) =>
          roster.length === 0 ? (
            <Empty title={w.roster.empty}>
              <p class="quiet">{w.roster.emptyHint}</p>
            </Empty>
          ) : (
            <>
              <Progress roster={roster} onTheWay={onTheWay} />
              <Choice<Way>
                across
                label={w.tick.way}
                value={way}
                onValue={setWay}
                options={[
                  { value: "tick", text: w.tick.byTick },
                  { value: "paper", text: w.tick.byPaper },
                ]}
              />
              {way === "paper" ? (
                <PaperList key={partId} roster={roster} onTheWay={onTheWay} onSend={(ids) => send(ids, "paper")} />
              ) : (
                <TickList
                  key={partId}
                  roster={roster}
                  onTheWay={onTheWay}
                  goingBack={goingBack}
                  onSend={send}
                  onTakeBack={takeBack}
                />
              )}
              {withdrawn.length > 0 && <Withdrawn items={withdrawn} />}
            </>
          )
        }
      </Show>
    </>
  );
}

/** A list on paper tells who came, not when: the beginning of the part, or now where that is still to come. */
function earlier(startsAt: string): string {
  const now = new Date().toISOString();
  const begins = new Date(startsAt).toISOString();
  return begins < now ? begins : now;
}

function Progress({ roster, onTheWay }: { roster: RosterLine[]; onTheWay: Set<string> }) {
  const w = useWords(technician);
  const present = roster.filter((line) => line.checked_at || onTheWay.has(line.person.id)).length;
  const text = w.roster.presentOf(formatNumber(present), formatNumber(roster.length));
  return (
    <div class="stack tight">
      <p>
        <strong>{text}</strong>
      </p>
      <progress class="tick-progress" max={roster.length} value={present} aria-label={text} />
    </div>
  );
}

function TickList({
  roster,
  onTheWay,
  goingBack,
  onSend,
  onTakeBack,
}: {
  roster: RosterLine[];
  onTheWay: Set<string>;
  goingBack: Set<string>;
  onSend: (ids: string[]) => Promise<void>;
  onTakeBack: (id: string, reason: string) => Promise<void>;
}) {
  const w = useWords(technician, doors);
  const [typed, setTyped] = useState("");
  const [which, setWhich] = useState<"all" | "missing" | "present">("all");
  const [shown, setShown] = useState(SHOWN);
  const [ticked, setTicked] = useState<string[]>([]);
  const isThere = (line: RosterLine) => Boolean(line.checked_at) || onTheWay.has(line.person.id);
  const found = roster.filter(
    (line) =>
      (which === "all" || isThere(line) === (which === "present")) &&
      matches(`${line.person.full_name} ${line.person.member_number ?? ""}`, typed),
  );
  const toggle = (id: string) => setTicked(ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id]);
  const send = () => {
    setTicked([]);
    setTyped("");
    void onSend(ticked);
  };
  return (
    <div class="stack">
      <TextField type="search" label={w.roster.find} value={typed} onValue={setTyped} />
      <Choice
        across
        label={w.tick.which}
        value={which}
        onValue={setWhich}
        options={[
          { value: "all", text: w.tick.all },
          { value: "missing", text: w.tick.missing },
          { value: "present", text: w.tick.present },
        ]}
      />
      {found.length === 0 && <p>{w.nothingFound}</p>}
      <ul class="rows ticks">
        {found.slice(0, shown).map((line) => (
          <li key={line.person.id}>
            <Line
              line={line}
              waits={onTheWay.has(line.person.id)}
              goesBack={goingBack.has(line.person.id)}
              ticked={ticked.includes(line.person.id)}
              onToggle={() => toggle(line.person.id)}
              onTakeBack={(reason) => void onTakeBack(line.person.id, reason)}
            />
          </li>
        ))}
      </ul>
      <More shown={Math.min(shown, found.length)} total={found.length} onMore={() => setShown(shown + SHOWN)} />
      <div class="stays">
        <Button kind="big" icon="check" disabled={ticked.length === 0} onClick={send}>
          {ticked.length === 0 ? w.roster.tickFirst : w.roster.submit(ticked.length)}
        </Button>
      </div>
    </div>
  );
}

function Line({
  line: { person, checked_at, method, here },
  waits,
  goesBack,
  ticked,
  onToggle,
  onTakeBack,
}: {
  line: RosterLine;
  waits: boolean;
  goesBack: boolean;
  ticked: boolean;
  onToggle: () => void;
  onTakeBack: (reason: string) => void;
}) {
  const w = useWords(technician, doors);
  const me = useMe();
  if (goesBack || waits) {
    return (
      <p class="row">
        <Icon name="clock" />
        <span class="grow">{person.full_name}</span>
        <span class="quiet small">{goesBack ? w.tick.goesBack : w.outbox.waits}</span>
      </p>
    );
  }
  if (checked_at) {
    const how = [w.roster.at(formatTime(checked_at)), method && w.mine.methods[method], !here && w.tick.elsewhere];
    return (
      <div class="row tick-line">
        <Icon name="check" />
        <span class="grow">
          {person.full_name}
          <small class="quiet block">{how.filter(Boolean).join(" · ")}</small>
        </span>
        {here && person.id !== me?.person.id && <TakeBack name={person.full_name} onTakeBack={onTakeBack} />}
      </div>
    );
  }
  if (person.id === me?.person.id) {
    return (
      <p class="row">
        <span class="grow">{person.full_name}</span>
        <span class="quiet small">{w.roster.notOneself}</span>
      </p>
    );
  }
  return (
    <label class="choice">
      <input type="checkbox" checked={ticked} onChange={onToggle} />
      <span>
        {person.full_name}
        <small class="quiet">{[person.member_number, person.unit.name].filter(Boolean).join(" · ")}</small>
      </span>
    </label>
  );
}

function Withdrawn({ items }: { items: Withdrawal[] }) {
  const w = useWords(technician, doors);
  return (
    <details>
      <summary>{w.tick.history(items.length)}</summary>
      <ul class="rows">
        {items.map((item) => (
          <li key={`${item.person.id} ${item.withdrawn_at}`} class="row">
            <span class="grow">
              {item.person.full_name}
              <small class="quiet block">
                {w.tick.taken(formatMoment(item.withdrawn_at), item.withdrawn_by.full_name)}
              </small>
              <small class="block">{item.reason}</small>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
