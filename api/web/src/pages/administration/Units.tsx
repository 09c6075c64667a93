import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Unit } from "../../api/types";
import { formatDay, parseDay } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { unitTree } from "../../i18n/vi/units";
import { DayField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Ghosts, Show, Tag } from "../../parts/show";
import { ChangeUnit } from "./UnitChanges";
import { AddUnit } from "./UnitForms";
import { UnitHistory } from "./UnitHistory";
import "./administration.css";

/** The organisation as a tree, opened level by level. */
export function Units() {
  const w = useWords(administration, unitTree);
  const [adding, setAdding] = useState(false);
  const [typed, setTyped] = useState("");
  const day = parseDay(typed);
  const roots = useResource("/units", { query: day ? { as_of: day } : {} });
  return (
    <Page title={w.units.title} lead={w.units.lead}>
      <div class="line apart">
        <DayField
          label={w.tree.asOf}
          hint={w.tree.asOfHint}
          wrong={typed.length === 10 && !day ? w.dayWrong : undefined}
          value={typed}
          onValue={setTyped}
        />
        <Button icon="plus" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {w.units.addRoot}
        </Button>
      </div>
      {adding && (
        <AddUnit
          parent={null}
          onDone={() => {
            setAdding(false);
            roots.reload();
          }}
        />
      )}
      <Show of={roots}>
        {(units) =>
          units.length === 0 ? (
            <Empty title={w.units.none}>
              <p class="quiet">{w.units.noneHint}</p>
            </Empty>
          ) : (
            <ul class="tree">
              {units.map((unit) => (
                <Branch key={unit.id} unit={unit} day={day} onChange={roots.reload} />
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function Branch({ unit, day, onChange }: { unit: Unit; day: string | null; onChange: () => void }) {
  const w = useWords(administration, unitTree);
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState<"add" | "change" | "history" | null>(null);
  const below = useResource(open ? "/units" : null, {
    query: { parent_id: unit.id, ...(day && { as_of: day }) },
  });
  const toggle = (next: "add" | "change" | "history") => setForm(form === next ? null : next);
  return (
    <li>
      <div class="branch">
        {unit.children > 0 || open ? (
          <button type="button" class="button plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? "down" : "forward"} />
            <span>{unit.name}</span>
          </button>
        ) : (
          <strong class="leaf">{unit.name}</strong>
        )}
        <span class="quiet small">
          {w.unitKinds[unit.kind]}
          {unit.children > 0 && ` · ${w.units.below(unit.children)}`}
          {` · ${w.units.from(formatDay(unit.valid_from))}`}
        </span>
        {unit.valid_to && (
          <Tag tone="plain" icon="door">
            {w.units.ended(formatDay(unit.valid_to))}
          </Tag>
        )}
        <span class="line">
          {!unit.valid_to && (
            <>
              <Button kind="plain" aria-expanded={form === "add"} onClick={() => toggle("add")}>
                {w.units.add}
                <span class="unseen"> {unit.name}</span>
              </Button>
              <Button kind="plain" aria-expanded={form === "change"} onClick={() => toggle("change")}>
                {w.tree.change}
                <span class="unseen"> {unit.name}</span>
              </Button>
            </>
          )}
          <Button kind="plain" aria-expanded={form === "history"} onClick={() => toggle("history")}>
            {w.tree.history}
            <span class="unseen"> {unit.name}</span>
          </Button>
        </span>
      </div>
      {form === "add" && (
        <AddUnit
          parent={unit}
          onDone={() => {
            setForm(null);
            setOpen(true);
            below.reload();
            onChange();
          }}
        />
      )}
      {form === "history" && <UnitHistory unit={unit} />}
      {form === "change" && (
        <ChangeUnit
          unit={unit}
          onDone={() => {
            setForm(null);
            onChange();
          }}
        />
      )}
      {open && <Failure error={below.error} retry={below.reload} />}
      {open && !below.data && !below.error && <Ghosts count={2} height={44} />}
      {open && below.data && (
        <ul class="tree">
          {below.data.map((child) => (
            <Branch key={child.id} unit={child} day={day} onChange={below.reload} />
          ))}
        </ul>
      )}
    </li>
  );
}
