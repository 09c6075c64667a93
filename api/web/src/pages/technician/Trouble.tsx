import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { NewTrouble, SessionPointDetail, Trouble, TroubleEnd, TroubleKind } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { formatTime } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { technician } from "../../i18n/vi/technician";
import { Choice, MomentField, readMoment, TextField, typedMoment } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Show, Tag } from "../../parts/show";
import { outbox } from "../../waiting";
import { Told, useOnTheWay } from "./Told";
import { TroubleRow } from "./TroubleRow";

const KINDS: TroubleKind[] = ["picture", "sound", "link", "power", "other"];

/** What goes on, as the server knows it or as this device has yet to tell. */
interface Going {
  id: string;
  kind: TroubleKind;
  note: string;
  began_at: string;
}

/** Reporting that something is wrong, and that it is over; also without a link. */
export function TroublePage({ id }: PageProps) {
  const w = useWords(technician, before);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const troubles = useResource(`/session-points/${id}/troubles`, { keep: true });
  const reload = () => {
    point.reload();
    troubles.reload();
  };
  return (
    <Page
      title={w.trouble.title}
      lead={point.data?.point.name ?? null}
      back={{ to: `/diem-cau/${id}`, text: w.point.title }}
      narrow
    >
      <Show of={point} ghosts={<Ghosts count={2} height={240} />}>
        {(data) => (
          <Show of={troubles} within>
            {(known) => <Desk point={data} known={known} onSent={reload} />}
          </Show>
        )}
      </Show>
    </Page>
  );
}

function Desk({ point, known, onSent }: { point: SessionPointDetail; known: Trouble[]; onSent: () => void }) {
  const w = useWords(before);
  const [sent, setSent] = useState<string | null>(null);
  const base = `/session-points/${point.id}/troubles`;
  const waiting = useOnTheWay(point.id);
  const begun = waiting.filter((entry) => entry.path === base).map((entry) => entry.body as NewTrouble);
  const isEnding = (id: string) => waiting.some((entry) => entry.path === `${base}/${id}/end`);
  const heard = known.filter((one) => !one.ended_at);
  const all: Going[] = [
    ...heard,
    ...begun.filter((one) => !heard.some(({ id }) => id === one.id)).map((one) => ({ ...one, note: one.note ?? "" })),
  ];
  const going = all.filter((one) => !isEnding(one.id));
  const past = known.filter((one) => one.ended_at);

  const tell = async (path: string, body: NewTrouble | TroubleEnd, note: string) => {
    const entry = await outbox.add("trouble", path, body, note);
    setSent(entry.id);
    await outbox.deliver();
    onSent();
  };
  const report = (trouble: NewTrouble) =>
    tell(base, trouble, w.trouble.noteSent(w.trouble.kinds[trouble.kind], point.point.name));
  const end = (one: Going, action: string) =>
    tell(
      `${base}/${one.id}/end`,
      { action, ended_at: new Date().toISOString() },
      w.trouble.noteFixed(w.trouble.kinds[one.kind], point.point.name),
    );

  return (
    <>
      {sent && <Told entryId={sent} />}
      {point.can_count &&
        going.map((one) => <GoingOn key={one.id} trouble={one} onEnd={(action) => end(one, action)} />)}
      {point.can_count && all.length === 0 && point.state === "trouble" && <WorksAgain point={point} onSent={onSent} />}
      {point.can_count && <Report key={going.length} onReport={report} />}
      {past.length > 0 && (
        <section class="stack">
          <h2>{w.trouble.past}</h2>
          <ol class="rows">
            {past.map((one) => (
              <TroubleRow key={one.id} trouble={one} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function GoingOn({ trouble, onEnd }: { trouble: Going; onEnd: (action: string) => Promise<void> }) {
  const w = useWords(before);
  const [action, setAction] = useState("");
  const [missing, setMissing] = useState(false);
  const end = () => {
    setMissing(!action.trim());
    if (action.trim()) void onEnd(action.trim());
  };
  return (
    <section class="card stack">
      <div class="line">
        <Tag tone="bad">{w.trouble.kinds[trouble.kind]}</Tag>
        <span class="quiet">{w.trouble.since(formatTime(trouble.began_at))}</span>
      </div>
      {trouble.note && <p>{trouble.note}</p>}
      <TextField
        label={w.trouble.action}
        hint={w.trouble.actionHint}
        wrong={missing ? w.trouble.actionMissing : undefined}
        maxLength={500}
        value={action}
        onValue={setAction}
      />
      <Button kind="big" icon="check" onClick={end}>
        {w.trouble.fixed}
      </Button>
    </section>
  );
}

/** The point was said to be in trouble without saying which. */
function WorksAgain({ point, onSent }: { point: SessionPointDetail; onSent: () => void }) {
  const w = useWords(before);
  const action = useAction();
  const tell = async () => {
    await post(`/session-points/${point.id}/state`, { state: "connected" });
    onSent();
  };
  return (
    <section class="card stack">
      <Failure error={action.error} />
      <Button kind="big" icon="check" busy={action.busy} onClick={() => void action.run(tell)}>
        {w.trouble.works}
      </Button>
    </section>
  );
}

function Report({ onReport }: { onReport: (trouble: NewTrouble) => Promise<void> }) {
  const w = useWords(before);
  const [kind, setKind] = useState<TroubleKind | null>(null);
  const [note, setNote] = useState("");
  const [earlier, setEarlier] = useState(false);
  const [began, setBegan] = useState(typedMoment(new Date()));
  const [missing, setMissing] = useState(false);
  const report = () => {
    const unexplained = kind === "other" && !note.trim();
    setMissing(unexplained);
    const began_at = earlier ? readMoment(began) : new Date().toISOString();
    if (unexplained || !kind || !began_at) return;
    void onReport({ id: makeKey(), kind, note: note.trim(), began_at });
  };
  return (
    <section class="card stack">
      <p class="quiet">{w.trouble.lead}</p>
      <Choice
        label={w.trouble.kind}
        value={kind}
        onValue={setKind}
        options={KINDS.map((value) => ({ value, text: w.trouble.kinds[value] }))}
      />
      <TextField
        label={w.trouble.note}
        hint={w.trouble.noteHint}
        wrong={missing ? w.trouble.noteMissing : undefined}
        maxLength={500}
        value={note}
        onValue={setNote}
      />
      <label class="choice">
        <input type="checkbox" checked={earlier} onChange={() => setEarlier(!earlier)} />
        <span>{w.trouble.earlier}</span>
      </label>
      {earlier && <MomentField label={w.trouble.began} value={began} onValue={setBegan} />}
      <Button kind="big" icon="warning" disabled={!kind} onClick={report}>
        {kind ? w.trouble.submit : w.trouble.chooseFirst}
      </Button>
      <p>
        <a class="crumb" href="/ky-thuat">
          <Icon name="home" />
          {w.told.home}
        </a>
      </p>
    </section>
  );
}
