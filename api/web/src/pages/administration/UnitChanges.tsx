/** What may happen to a unit on a day: another name, another place, a merger, a split, an end. */

import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post } from "../../api/client";
import type { Unit, UnitRef } from "../../api/types";
import { formatDate, parseDay } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { unitTree } from "../../i18n/vi/units";
import { Choice, DayField, TextField } from "../../parts/form";
import { UnitPicker } from "../../parts/picker";
import { Button, Failure } from "../../parts/show";
import { EndUnit } from "./UnitForms";
import { SplitUnit } from "./UnitSplit";

type What = "rename" | "move" | "merge" | "split" | "end";
const WHAT: What[] = ["rename", "move", "merge", "split", "end"];

interface Given {
  unit: Unit;
  onDone: () => void;
}

export function ChangeUnit({ unit, onDone }: Given) {
  const w = useWords(unitTree);
  const [what, setWhat] = useState<What | null>(null);
  const Form = what && { rename: RenameUnit, move: MoveUnit, merge: MergeUnits, split: SplitUnit, end: EndUnit }[what];
  return (
    <div class="stack">
      <Choice
        label={w.tree.changeOf(unit.name)}
        options={WHAT.map((one) => ({ value: one, text: w.tree[one] }))}
        value={what}
        onValue={setWhat}
        across
      />
      {Form && <Form unit={unit} onDone={onDone} />}
    </div>
  );
}

/** The day and the button that all these forms share, and what the server said against them. */
export function useDatedChange(onDone: () => void) {
  const w = useWords(administration, unitTree);
  const [day, setDay] = useState(formatDate(new Date()));
  const action = useAction();
  const send = async (path: Parameters<typeof post>[0], body: object) => {
    const on = parseDay(day);
    if (!on) return action.fail(new Problem(422, "form", w.dayWrong));
    if (await action.run(() => post(path, { ...body, on } as never))) onDone();
  };
  const dayField = (
    <DayField label={w.tree.on} hint={w.tree.onHint} wrong={action.fieldError("on")} value={day} onValue={setDay} />
  );
  const button = (
    <div>
      <Button type="submit" icon="check" busy={action.busy}>
        {w.tree.submit}
      </Button>
    </div>
  );
  return { action, send, dayField, button };
}

function RenameUnit({ unit, onDone }: Given) {
  const w = useWords(unitTree);
  const [name, setName] = useState(unit.name);
  const [code, setCode] = useState("");
  const change = useDatedChange(onDone);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void change.send(`/units/${unit.id}/rename`, { name: name.trim(), code: code.trim() || null });
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <Failure error={change.action.error} />
      <TextField
        label={w.tree.newName}
        required
        maxLength={200}
        wrong={change.action.fieldError("name")}
        value={name}
        onValue={setName}
      />
      <TextField
        label={w.tree.newCode}
        hint={w.tree.newCodeHint}
        short
        maxLength={40}
        wrong={change.action.fieldError("code")}
        value={code}
        onValue={setCode}
      />
      {change.dayField}
      {change.button}
    </form>
  );
}

function MoveUnit({ unit, onDone }: Given) {
  const w = useWords(unitTree);
  const [parent, setParent] = useState<UnitRef | null>(null);
  const change = useDatedChange(onDone);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void change.send(`/units/${unit.id}/move`, { parent_id: parent?.id });
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <Failure error={change.action.error} />
      <UnitPicker
        label={w.tree.below}
        hint={w.tree.belowHint}
        wrong={change.action.fieldError("parent_id")}
        value={parent}
        onValue={setParent}
      />
      {change.dayField}
      {change.button}
    </form>
  );
}

function MergeUnits({ unit, onDone }: Given) {
  const w = useWords(unitTree);
  const [others, setOthers] = useState<UnitRef[]>([]);
  const [into, setInto] = useState<"new" | "old">("new");
  const [target, setTarget] = useState<UnitRef | null>(null);
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const change = useDatedChange(onDone);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const made = into === "new" ? { name: name.trim() || null, code: code.trim() || null } : { into_id: target?.id };
    void change.send("/units/merge", { unit_ids: [unit.id, ...others.map((one) => one.id)], ...made });
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <Failure error={change.action.error} />
      <ul class="stack tight">
        {others.map((one) => (
          <li key={one.id} class="line apart">
            <strong>{one.name}</strong>
            <Button kind="plain" icon="trash" onClick={() => setOthers(others.filter((each) => each !== one))}>
              {w.tree.removeOther(one.name)}
            </Button>
          </li>
        ))}
      </ul>
      <UnitPicker
        key={others.length}
        label={others.length === 0 ? w.tree.others : w.tree.addOther}
        value={null}
        onValue={(one) => one && setOthers([...others.filter((each) => each.id !== one.id), one])}
      />
      <Choice
        label={w.tree.into}
        options={[
          { value: "new", text: w.tree.intoNew },
          { value: "old", text: w.tree.intoOld },
        ]}
        value={into}
        onValue={setInto}
      />
      {into === "old" ? (
        <UnitPicker label={w.tree.target} value={target} onValue={setTarget} />
      ) : (
        <>
          <TextField
            label={w.tree.newName}
            required
            maxLength={200}
            wrong={change.action.fieldError("name")}
            value={name}
            onValue={setName}
          />
          <TextField label={w.tree.code} short maxLength={40} value={code} onValue={setCode} />
        </>
      )}
      {change.dayField}
      {change.button}
    </form>
  );
}
