import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post } from "../../api/client";
import type { Unit, UnitKind, UnitRef } from "../../api/types";
import { formatDate, parseDay } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { DayField, Field, TextField } from "../../parts/form";
import { UnitPicker } from "../../parts/picker";
import { Button, Failure } from "../../parts/show";

const KINDS: UnitKind[] = ["centre", "province", "district", "commune", "agency"];

/** What usually lies below a unit: the form starts with it. */
const BELOW: Record<UnitKind, UnitKind> = {
  centre: "province",
  province: "commune",
  district: "commune",
  commune: "agency",
  agency: "agency",
};

export function AddUnit({ parent, onDone }: { parent: Unit | null; onDone: () => void }) {
  const w = useWords(administration);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<UnitKind>(parent ? BELOW[parent.kind] : "centre");
  const [code, setCode] = useState("");
  const [from, setFrom] = useState(formatDate(new Date()));
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const valid_from = parseDay(from);
    if (!valid_from) return action.fail(new Problem(422, "form", w.dayWrong));
    const body = { name: name.trim(), kind, code: code.trim() || null, parent_id: parent?.id ?? null, valid_from };
    if (await action.run(() => post("/units", body))) onDone();
  };
  return (
    <form noValidate class="card stack" onSubmit={(event) => void onSubmit(event)}>
      <h2>{parent ? w.units.addBelow(parent.name) : w.units.addRoot}</h2>
      <Failure error={action.error} />
      <TextField
        label={w.units.name}
        required
        maxLength={200}
        wrong={action.fieldError("name")}
        value={name}
        onValue={setName}
      />
      <Field label={w.units.kind}>
        {(given) => (
          <select
            class="box"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as UnitKind)}
            {...given}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {w.unitKinds[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={w.units.code}
        hint={w.units.codeHint}
        short
        maxLength={20}
        wrong={action.fieldError("code")}
        value={code}
        onValue={setCode}
      />
      <DayField label={w.units.validFrom} wrong={action.fieldError("valid_from")} value={from} onValue={setFrom} />
      <div>
        <Button type="submit" icon="plus" busy={action.busy}>
          {w.units.submit}
        </Button>
      </div>
    </form>
  );
}

/** A unit is never deleted: it ends on a day, and its people are counted in what follows it. */
export function EndUnit({ unit, onDone }: { unit: Unit; onDone: () => void }) {
  const w = useWords(administration);
  const [to, setTo] = useState(formatDate(new Date()));
  const [successor, setSuccessor] = useState<UnitRef | null>(null);
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const valid_to = parseDay(to);
    if (!valid_to) return action.fail(new Problem(422, "form", w.dayWrong));
    const body = { valid_to, successor_ids: successor ? [successor.id] : [] };
    if (await action.run(() => post(`/units/${unit.id}/end`, body))) onDone();
  };
  return (
    <form noValidate class="card stack" onSubmit={(event) => void onSubmit(event)}>
      <h2>{w.units.endOf(unit.name)}</h2>
      <p class="quiet">{w.units.endHint}</p>
      <Failure error={action.error} />
      <DayField label={w.units.validTo} wrong={action.fieldError("valid_to")} value={to} onValue={setTo} />
      <UnitPicker
        label={w.units.successor}
        hint={w.units.successorHint}
        wrong={action.fieldError("successor_ids")}
        value={successor}
        onValue={setSuccessor}
      />
      <div>
        <Button type="submit" kind="danger" icon="door" busy={action.busy}>
          {w.units.end}
        </Button>
      </div>
    </form>
  );
}
