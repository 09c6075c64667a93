import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post } from "../../api/client";
import type { UnitRef } from "../../api/types";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { unitsOf, useMe } from "../../login";
import { TextField, type TypedMoment, typedMoment } from "../../parts/form";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { Button, Failure } from "../../parts/show";
import { go } from "../../router";
import { earliest, latest, type PartDraft, PartFields, readPart } from "./PartFields";

const HOUR_MS = 3_600_000;

/** Most conferences begin at eight in the morning; the draft starts from the next one. */
function tomorrowAt(hour: number, minute = 0): TypedMoment {
  const day = typedMoment(new Date(Date.now() + 24 * HOUR_MS)).day;
  return { day, time: `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}` };
}

export function NewConference() {
  const w = useWords(technician);
  const me = useMe();
  const [title, setTitle] = useState("");
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(me, "staff", "technician")[0] ?? me?.person.unit ?? null);
  const [parts, setParts] = useState<PartDraft[]>([
    { title: w.newConference.morning, speaker: "", from: tomorrowAt(8), to: tomorrowAt(11, 30) },
  ]);
  const [wrong, setWrong] = useState<string | undefined>();
  const action = useAction();

  const change = (at: number, next: Partial<PartDraft>) =>
    setParts(parts.map((part, i) => (i === at ? { ...part, ...next } : part)));
  const addPart = () => {
    const last = parts[parts.length - 1];
    const day = last?.to.day ?? tomorrowAt(8).day;
    const from = { day, time: "13:30" };
    setParts([...parts, { title: w.newConference.afternoon, speaker: "", from, to: { day, time: "16:30" } }]);
  };

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const whole = parts.map(readPart).filter((part) => part !== null);
    setWrong(whole.length < parts.length ? w.newConference.partWrong : undefined);
    if (whole.length < parts.length || !unit) return;
    await action.run(async () => {
      const made = await post("/sessions", {
        title: title.trim(),
        unit_id: unit.id,
        starts_at: earliest(whole.map((part) => part.starts_at)),
        ends_at: latest(whole.map((part) => part.ends_at)),
        parts: whole,
      });
      go(`/hoi-nghi/${made.id}/them-diem-cau`);
    });
  };

  return (
    <Page title={w.newConference.title} back={{ to: "/hoi-nghi", text: w.conference.list }} narrow>
      <form noValidate class="stack" onSubmit={(event) => void onSubmit(event)}>
        <Failure error={action.error ?? (wrong && new Problem(422, "form", wrong))} />
        <TextField
          label={w.newConference.name}
          hint={w.newConference.nameHint}
          required
          maxLength={300}
          wrong={action.fieldError("title")}
          value={title}
          onValue={setTitle}
        />
        <UnitPicker
          label={w.newConference.unit}
          hint={w.newConference.unitHint}
          wrong={action.fieldError("unit_id")}
          value={unit}
          onValue={setUnit}
        />
        <h2>{w.conference.parts}</h2>
        {parts.map((part, i) => (
          <PartFields
            key={i}
            at={i}
            part={part}
            fieldError={action.fieldError}
            onPart={(next) => change(i, next)}
            onRemove={parts.length > 1 ? () => setParts(parts.filter((_, at) => at !== i)) : null}
          />
        ))}
        <div>
          <Button kind="second" icon="plus" onClick={addPart}>
            {w.newConference.addPart}
          </Button>
        </div>
        <Button type="submit" kind="big" icon="check" busy={action.busy} disabled={!unit}>
          {w.newConference.submit}
        </Button>
      </form>
    </Page>
  );
}
