import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { CheckItem, FoundItem, Readiness as Known, LineMeasured, NewCheck } from "../../api/types";
import type { PageProps } from "../../app";
import { makeKey } from "../../device";
import { formatMoment, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { technician } from "../../i18n/vi/technician";
import { Choice, TextField } from "../../parts/form";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Ghosts, Notice, Show } from "../../parts/show";
import { outbox } from "../../waiting";
import { LineTest, lineWords } from "./LineTest";
import { Told } from "./Told";

const ITEMS: CheckItem[] = ["link", "video", "display", "camera", "sound", "power", "backup", "trial"];

interface Mark {
  works: boolean;
  note: string;
}
type Marks = Partial<Record<CheckItem, Mark>>;

/** The walk through the room before a conference: eight things, each good or with what is wrong. */
export function Readiness({ id }: PageProps) {
  const w = useWords(technician, before);
  const readiness = useResource(`/session-points/${id}/readiness`, { keep: true });
  return (
    <Page
      title={w.check.title}
      lead={readiness.data?.point.point.name ?? null}
      back={{ to: `/diem-cau/${id}`, text: w.point.title }}
      narrow
    >
      <Show of={readiness} ghosts={<Ghosts count={4} height={150} />}>
        {(data) => (
          <>
            <Standing known={data} />
            <Walk known={data} onSent={readiness.reload} />
            <Checks known={data} />
          </>
        )}
      </Show>
    </Page>
  );
}

function Standing({ known }: { known: Known }) {
  const w = useWords(before);
  const faulty = known.standing.filter((one) => !one.works).length;
  const left = ITEMS.length - known.standing.length;
  return (
    <section class="card stack tight">
      <div class="line">
        <PointTag state={known.point.state} />
      </div>
      {left === 0 && faulty === 0 && <p>{w.check.ready}</p>}
      {left > 0 && <p>{w.check.left(left)}</p>}
      {faulty > 0 && <p>{w.check.faulty(faulty)}</p>}
    </section>
  );
}

function Walk({ known, onSent }: { known: Known; onSent: () => void }) {
  const w = useWords(before);
  const [marks, setMarks] = useState<Marks>({});
  const [line, setLine] = useState<LineMeasured | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<string | null>(null);
  const now = Date.now();
  const early = now < Date.parse(known.opens_at);
  const over = now > Date.parse(known.closes_at);
  const found: FoundItem[] = ITEMS.flatMap((item) => {
    const mark = marks[item];
    return mark ? [{ item, works: mark.works, note: mark.works ? "" : mark.note.trim() }] : [];
  });

  const send = async () => {
    const unexplained = found.some((one) => !one.works && !one.note);
    setMissing(unexplained);
    if (unexplained) return;
    setBusy(true);
    const body: NewCheck = { items: found, line, checked_at: new Date().toISOString(), client_key: makeKey() };
    const { id, point } = known.point;
    const note = w.check.sent(found.length, point.name);
    const entry = await outbox.add("check", `/session-points/${id}/checks`, body, note);
    setSent(entry.id);
    setMarks({});
    setLine(null);
    await outbox.deliver();
    setBusy(false);
    onSent();
  };

  return (
    <>
      <LineTest line={line} onLine={setLine} />
      {early && <Notice tone="plain">{w.check.opens(formatMoment(known.opens_at))}</Notice>}
      {over && <Notice tone="plain">{w.check.over}</Notice>}
      {known.can_count && !early && !over && (
        <>
          {ITEMS.map((item) => (
            <Item
              key={item}
              item={item}
              known={known}
              mark={marks[item]}
              missing={missing}
              onMark={(mark) => setMarks({ ...marks, [item]: mark })}
            />
          ))}
          <div class="stays">
            <Button kind="big" icon="check" busy={busy} disabled={found.length === 0} onClick={() => void send()}>
              {found.length === 0 ? w.check.markFirst : w.check.submit(found.length)}
            </Button>
          </div>
        </>
      )}
      {sent && <Told entryId={sent} />}
    </>
  );
}

function Item({
  item,
  known,
  mark,
  missing,
  onMark,
}: {
  item: CheckItem;
  known: Known;
  mark: Mark | undefined;
  missing: boolean;
  onMark: (mark: Mark) => void;
}) {
  const w = useWords(before);
  const last = known.standing.find((one) => one.item === item);
  const note = mark?.note ?? "";
  return (
    <section class="card stack tight">
      <Choice
        across
        label={w.check.items[item]}
        hint={w.check.hints[item]}
        value={mark ? (mark.works ? "works" : "broken") : null}
        onValue={(value) => onMark({ works: value === "works", note })}
        options={[
          { value: "works", text: w.check.works },
          { value: "broken", text: w.check.broken },
        ]}
      />
      {mark && !mark.works && (
        <TextField
          label={w.check.note(w.check.items[item])}
          wrong={missing && !note.trim() ? w.check.noteMissing : undefined}
          maxLength={500}
          value={note}
          onValue={(next) => onMark({ works: false, note: next })}
        />
      )}
      {last && !mark && (
        <p class="quiet small">
          {w.check.was(last.works, formatTime(last.checked_at), last.checked_by.full_name)}
          {last.note && ` · ${last.note}`}
        </p>
      )}
    </section>
  );
}

function Checks({ known: { checks } }: { known: Known }) {
  const w = useWords(before);
  if (checks.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.check.history}</h2>
      <ol class="rows">
        {checks.map((one) => {
          const bad = one.items.filter((item) => !item.works);
          return (
            <li key={one.checked_at} class="row">
              <div class="grow">
                {w.check.found(one.items.length - bad.length, bad.length)}
                {bad.map((item) => (
                  <div key={item.item} class="small">
                    {w.check.items[item.item]}: {item.note}
                  </div>
                ))}
                <div class="quiet small">
                  {formatMoment(one.checked_at)} · {one.checked_by.full_name}
                  {one.line && ` · ${lineWords(one.line, w)}`}
                </div>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
