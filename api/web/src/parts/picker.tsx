/** Finding one unit or person by typing part of the name, without accents if one likes. A combobox by the ARIA pattern. */

import { useEffect, useId, useState } from "preact/hooks";
import { get } from "../api/client";
import type { Named, UnitRef } from "../api/types";
import { useWords } from "../i18n";
import { Field } from "./form";

interface PickerProps<T> {
  label: string;
  hint?: string;
  wrong?: string;
  value: T | null;
  onValue: (value: T | null) => void;
}

interface Candidate<T> {
  id: string;
  text: string;
  more: string;
  value: T;
}

/** A pause in the typing long enough to be worth a question over a slow link. */
const TYPING_PAUSE_MS = 250;

export function Picker<T>({
  textOf,
  find,
  value,
  onValue,
  ...field
}: PickerProps<T> & { textOf: (value: T) => string; find: (typed: string) => Promise<Candidate<T>[]> }) {
  const w = useWords();
  const listId = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [found, setFound] = useState<Candidate<T>[] | null>(null);
  const [active, setActive] = useState(0);
  const open = typed !== null;

  useEffect(() => {
    if (typed === null) return;
    setActive(0);
    let wanted = true;
    const timer = setTimeout(() => {
      find(typed).then(
        (candidates) => wanted && setFound(candidates),
        () => wanted && setFound([]),
      );
    }, TYPING_PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [typed]);

  const take = (candidate: Candidate<T> | undefined) => {
    if (candidate) onValue(candidate.value);
    setTyped(null);
    setFound(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = (found?.length ?? 0) - 1;
    if (event.key === "ArrowDown") setActive(Math.min(active + 1, last));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter" && open && found) take(found[active]);
    else if (event.key === "Escape") setTyped(null);
    else return;
    event.preventDefault();
  };
  return (
    <Field {...field}>
      {(given) => (
        <div class="box-wrap">
          <input
            class="box"
            role="combobox"
            autoComplete="off"
            placeholder={w.typeToFind}
            aria-expanded={open && found !== null}
            aria-controls={listId}
            aria-activedescendant={open && found?.[active] ? `${listId}-${active}` : undefined}
            value={typed ?? (value ? textOf(value) : "")}
            onFocus={(event) => event.currentTarget.select()}
            onInput={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onBlur={() => setTyped(null)}
            {...given}
          />
          {open && found !== null && (
            <div id={listId} class="options" role="listbox" aria-label={field.label}>
              {found.length === 0 && <p class="row quiet">{w.nothingFound}</p>}
              {found.map((candidate, i) => (
                // The press comes before the blur that closes the list; keys are handled in the box.
                <div
                  key={candidate.id}
                  id={`${listId}-${i}`}
                  class="option"
                  role="option"
                  tabIndex={-1}
                  aria-selected={i === active}
                  onMouseDown={(event) => {
                    event.preventDefault();
                    take(candidate);
                  }}
                >
                  {candidate.text}
                  <div class="quiet small">{candidate.more}</div>
                </div>
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}

export function UnitPicker(props: PickerProps<UnitRef>) {
  const find = async (typed: string) => {
    const units = await get("/units", typed ? { q: typed } : {});
    return units.map((unit) => ({
      id: unit.id,
      text: unit.name,
      more: unit.path_names.slice(0, -1).reverse().join(", "),
      value: { id: unit.id, name: unit.name, kind: unit.kind },
    }));
  };
  return <Picker {...props} textOf={(unit) => unit.name} find={find} />;
}

export function PersonPicker({ unitId, ...props }: PickerProps<Named> & { unitId?: string }) {
  const w = useWords();
  const find = async (typed: string) => {
    const people = await get("/people", { q: typed, unit_id: unitId, limit: 12 });
    return people.items.map((person) => ({
      id: person.id,
      text: person.full_name,
      more: [person.unit.name, person.member_number && w.memberNumber(person.member_number)]
        .filter(Boolean)
        .join(" · "),
      value: person,
    }));
  };
  return <Picker {...props} textOf={(person) => person.full_name} find={find} />;
}
