import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Unit } from "../../api/types";
import { formatDay } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Ghosts, Show, Tag } from "../../parts/show";
import { AddUnit, EndUnit } from "./UnitForms";
import "./administration.css";

/** The organisation as a tree, opened level by level. */
export function Units() {
  const w = useWords(administration);
  const [adding, setAdding] = useState(false);
  const roots = useResource("/units");
  return (
    <Page title={w.units.title} lead={w.units.lead}>
      <div>
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
                <Branch key={unit.id} unit={unit} onChange={roots.reload} />
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function Branch({ unit, onChange }: { unit: Unit; onChange: () => void }) {
  const w = useWords(administration);
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState<"add" | "end" | null>(null);
  const below = useResource(open ? "/units" : null, { query: { parent_id: unit.id } });
  const toggle = (next: "add" | "end") => setForm(form === next ? null : next);
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
        {!unit.valid_to && (
          <span class="line">
            <Button kind="plain" aria-expanded={form === "add"} onClick={() => toggle("add")}>
              {w.units.add}
              <span class="unseen"> {unit.name}</span>
            </Button>
            <Button kind="plain" aria-expanded={form === "end"} onClick={() => toggle("end")}>
              {w.units.end}
              <span class="unseen"> {unit.name}</span>
            </Button>
          </span>
        )}
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
      {form === "end" && (
        <EndUnit
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
            <Branch key={child.id} unit={child} onChange={below.reload} />
          ))}
        </ul>
      )}
    </li>
  );
}
