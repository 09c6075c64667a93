import { useRef, useState } from "preact/hooks";
import type { RosterLine } from "../../api/types";
import { matches } from "../../fold";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { useMe } from "../../login";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Button, Notice } from "../../parts/show";

const OFFERED = 5;

/** Typing a signed list: a few letters of each name, Enter, and on to the next line of the sheet. */
export function PaperList({
  roster,
  onTheWay,
  onSend,
}: {
  roster: RosterLine[];
  onTheWay: Set<string>;
  onSend: (ids: string[]) => Promise<void>;
}) {
  const w = useWords(doors);
  const me = useMe();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState("");
  const [taken, setTaken] = useState<RosterLine[]>([]);
  const [unknown, setUnknown] = useState<string[]>([]);
  const isFree = ({ person, checked_at }: RosterLine) =>
    !checked_at &&
    !onTheWay.has(person.id) &&
    person.id !== me?.person.id &&
    !taken.some((one) => one.person.id === person.id);
  const offered = typed.trim()
    ? roster.filter(
        (line) => isFree(line) && matches(`${line.person.full_name} ${line.person.member_number ?? ""}`, typed),
      )
    : [];
  const next = () => {
    setTyped("");
    form.current?.querySelector("input")?.focus();
  };
  const take = (line: RosterLine) => {
    setTaken([line, ...taken]);
    next();
  };
  const enter = (event: Event) => {
    event.preventDefault();
    const [only, other] = offered;
    // Of several people by one name somebody has to choose; of one there is nothing to choose.
    if (only && !other) take(only);
    else if (!only && typed.trim()) {
      setUnknown([typed.trim(), ...unknown]);
      next();
    }
  };
  const send = () => {
    const ids = taken.map((line) => line.person.id);
    setTaken([]);
    void onSend(ids);
  };
  return (
    <div class="stack">
      <form class="stack tight" onSubmit={enter} ref={form}>
        <TextField
          label={w.paper.name}
          hint={w.paper.hint}
          value={typed}
          onValue={setTyped}
          autoComplete="off"
          spellcheck={false}
        />
        {typed.trim() && (
          <div class="stack tight" role="status">
            {offered.length === 0 && <p class="quiet">{w.paper.nobody}</p>}
            {offered.length > OFFERED && <p class="quiet small">{w.paper.more(offered.length - OFFERED)}</p>}
          </div>
        )}
        <ul class="rows">
          {offered.slice(0, OFFERED).map((line) => (
            <li key={line.person.id}>
              <Button kind="plain" icon="plus" onClick={() => take(line)}>
                {line.person.full_name}
                <small class="quiet">
                  {" "}
                  {[line.person.member_number, line.person.unit.name].filter(Boolean).join(" · ")}
                </small>
              </Button>
            </li>
          ))}
        </ul>
      </form>
      {unknown.length > 0 && (
        <Notice tone="warn">
          <p>{w.paper.unknown}</p>
          <p>{unknown.join(", ")}</p>
          <Button kind="plain" onClick={() => setUnknown([])}>
            {w.paper.clear}
          </Button>
        </Notice>
      )}
      {taken.length > 0 && (
        <ul class="rows">
          {taken.map((line) => (
            <li key={line.person.id} class="row">
              <Icon name="check" />
              <span class="grow">{line.person.full_name}</span>
              <Button kind="plain" onClick={() => setTaken(taken.filter((one) => one !== line))}>
                {w.paper.drop}
                <span class="unseen"> {line.person.full_name}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div class="stays">
        <Button kind="big" icon="check" disabled={taken.length === 0} onClick={send}>
          {taken.length === 0 ? w.paper.first : w.paper.send(taken.length)}
        </Button>
      </div>
    </div>
  );
}
