import { useState } from "preact/hooks";
import { type Action, useAction } from "../../api/action";
import { Problem, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Exemption, ExemptionKind, ExemptPerson, Named, UnitRef } from "../../api/types";
import { formatDate, formatDay, parseDay } from "../../format";
import { useWords } from "../../i18n";
import { exemptions } from "../../i18n/vi/exemptions";
import { unitsOf, useMe } from "../../login";
import { Choice, DayField, TextField } from "../../parts/form";
import { More } from "../../parts/more";
import { PersonPicker, UnitPicker } from "../../parts/picker";
import { Button, Empty, Failure, Notice, Show, Tag } from "../../parts/show";
import "./people.css";

const KINDS: ExemptionKind[] = ["attending", "reflection"];

/** Which field a refusal of the register is about; any other stands above the form. */
const FIELD_OF: Record<string, string> = {
  "person-not-found": "person",
  "outside-scope": "person",
  "own-exemption": "person",
  "exempt-already": "kind",
  "exemption-ends-too-early": "valid_to",
  "exemption-ends-too-late": "valid_to",
};

function refusal({ error, fieldError }: Action) {
  const field = error instanceof Problem ? FIELD_OF[error.code] : undefined;
  const at = (name: string) => (error instanceof Problem && field === name ? error.message : fieldError(name));
  return { at, elsewhere: field ? null : error };
}

/** Who of a unit is let off from what until when; staff let somebody off, and end it. */
export function Exemptions() {
  const w = useWords(exemptions);
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(useMe(), "staff", "administrator")[0] ?? null);
  const [limit, setLimit] = useState(50);
  const [adding, setAdding] = useState(false);
  const [granted, setGranted] = useState("");
  const list = useResource("/exemptions", { query: { unit_id: unit?.id, limit } });
  const onGranted = (name: string) => {
    setAdding(false);
    setGranted(name);
    list.reload();
  };
  return (
    <section class="card stack">
      <h2>{w.exemptions.title}</h2>
      <div class="stack tight quiet">
        <p>{w.exemptions.lead}</p>
        <p>{w.exemptions.made}</p>
      </div>
      <div>
        <Button kind="second" icon="plus" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {w.exemptions.add}
        </Button>
      </div>
      {adding && <Grant onDone={onGranted} />}
      {granted && !adding && <Notice tone="good">{w.exemptions.granted(granted)}</Notice>}
      <UnitPicker label={w.exemptions.unit} value={unit} onValue={setUnit} />
      <Show of={list}>
        {({ items, total }) =>
          total === 0 ? (
            <Empty title={w.exemptions.nobody}>
              <p class="quiet">{w.exemptions.nobodyHint}</p>
            </Empty>
          ) : (
            <>
              <ul class="rows">
                {items.map((row) => (
                  <Row key={row.id} row={row} onEnded={list.reload} />
                ))}
              </ul>
              <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
            </>
          )
        }
      </Show>
    </section>
  );
}

function Row({ row, onEnded }: { row: ExemptPerson; onEnded: () => void }) {
  const w = useWords(exemptions);
  const [ending, setEnding] = useState(false);
  const own = useMe()?.person.id === row.person.id;
  return (
    <li class="row wraps">
      <div class="grow stack tight">
        <strong>{row.person.full_name}</strong>
        <span class="quiet small">{row.person.unit.name}</span>
        <span>
          <Tag tone="plain">{w.exemptions.kinds[row.kind]}</Tag> {spanOf(row, w.exemptions.span)}
        </span>
        <span>{row.reason}</span>
        {ending && (
          <End
            row={row}
            onDone={(changed) => {
              setEnding(false);
              if (changed) onEnded();
            }}
          />
        )}
      </div>
      {!ending && !own && (
        <Button kind="second" onClick={() => setEnding(true)}>
          {w.exemptions.end}
          <span class="unseen">: {row.person.full_name}</span>
        </Button>
      )}
    </li>
  );
}

const spanOf = (one: Exemption, say: (from: string, to: string | null) => string) =>
  say(formatDay(one.valid_from), one.valid_to && formatDay(one.valid_to));

function Grant({ onDone }: { onDone: (name: string) => void }) {
  const w = useWords(exemptions);
  const [person, setPerson] = useState<Named | null>(null);
  const [kind, setKind] = useState<ExemptionKind | null>(null);
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState(formatDate(new Date()));
  const [to, setTo] = useState("");
  const [tried, setTried] = useState(false);
  const held = useResource(person ? `/people/${person.id}/exemptions` : null);
  const action = useAction();
  const { at, elsewhere } = refusal(action);
  const [first, last] = [parseDay(from), parseDay(to)];
  const wrong = {
    person: person ? undefined : w.exemptions.personMissing,
    kind: kind ? undefined : w.exemptions.kindMissing,
    reason: reason.trim() ? undefined : w.exemptions.reasonMissing,
    valid_from: first ? undefined : w.dayWrong,
    valid_to: last || !to.trim() ? undefined : w.dayWrong,
  };
  const wrongAt = (name: keyof typeof wrong) => (tried && wrong[name]) || at(name);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (!person || !kind || Object.values(wrong).some(Boolean)) return;
    const asked = { kind, reason: reason.trim(), valid_from: first, valid_to: last };
    if (await action.run(() => post(`/people/${person.id}/exemptions`, asked))) onDone(person.full_name);
  };
  return (
    <form noValidate class="stack" onSubmit={(event) => void onSubmit(event)}>
      <Failure error={elsewhere} />
      <PersonPicker label={w.exemptions.person} wrong={wrongAt("person")} value={person} onValue={setPerson} />
      {held.data?.map((one) => (
        <p key={one.id} role="status">
          {w.exemptions.held(w.exemptions.kinds[one.kind], spanOf(one, w.exemptions.span), one.reason)}
        </p>
      ))}
      <Choice
        label={w.exemptions.kind}
        wrong={wrongAt("kind")}
        value={kind}
        onValue={setKind}
        options={KINDS.map((value) => ({
          value,
          text: w.exemptions.kinds[value],
          more: w.exemptions.kindHints[value],
        }))}
      />
      <TextField
        label={w.exemptions.reason}
        hint={w.exemptions.reasonHint}
        wrong={wrongAt("reason")}
        maxLength={300}
        value={reason}
        onValue={setReason}
      />
      <DayField label={w.exemptions.from} wrong={wrongAt("valid_from")} value={from} onValue={setFrom} />
      <DayField
        label={w.exemptions.to}
        hint={w.exemptions.toHint}
        wrong={wrongAt("valid_to")}
        value={to}
        onValue={setTo}
      />
      <div>
        <Button type="submit" icon="check" busy={action.busy}>
          {w.exemptions.submit}
        </Button>
      </div>
    </form>
  );
}

function End({ row, onDone }: { row: ExemptPerson; onDone: (changed: boolean) => void }) {
  const w = useWords(exemptions);
  const today = formatDate(new Date());
  const begun = row.valid_from <= (parseDay(today) ?? "");
  const [day, setDay] = useState(begun ? today : formatDay(row.valid_from));
  const [tried, setTried] = useState(false);
  const action = useAction();
  const { at, elsewhere } = refusal(action);
  const last_day = parseDay(day);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (last_day && (await action.run(() => post(`/exemptions/${row.id}/end`, { last_day })))) onDone(true);
  };
  return (
    <form
      noValidate
      class="stack"
      aria-label={w.exemptions.endOf(row.person.full_name)}
      onSubmit={(event) => void onSubmit(event)}
    >
      <Failure error={elsewhere} />
      <DayField
        label={w.exemptions.lastDay}
        wrong={(tried && !last_day && w.dayWrong) || at("valid_to") || at("last_day")}
        value={day}
        onValue={setDay}
      />
      <div class="line">
        <Button type="submit" kind="danger" busy={action.busy}>
          {w.exemptions.confirm}
        </Button>
        <Button kind="plain" onClick={() => onDone(false)}>
          {w.exemptions.keep}
        </Button>
      </div>
    </form>
  );
}
