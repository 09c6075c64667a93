import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post, remove } from "../../api/client";
import { useResource } from "../../api/resource";
import type { PersonRow, Role, RoleRef, UnitRef } from "../../api/types";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { administration } from "../../i18n/vi/administration";
import { people } from "../../i18n/vi/people";
import { Field, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";

/** Finding and adding people, giving them an account and roles. */
export function People() {
  const w = useWords(administration, people);
  const [typed, setTyped] = useState("");
  const [unit, setUnit] = useState<UnitRef | null>(null);
  const [limit, setLimit] = useState(50);
  const [adding, setAdding] = useState(false);
  const found = useResource("/people", {
    query: { q: useSettled(typed), unit_id: unit?.id, limit },
  });
  const whole = found.data && formatNumber(found.data.total);
  return (
    <Page
      title={w.people.title}
      lead={whole && w.people.count(found.data?.more_than ? w.moreThan(whole) : whole)}
      narrow
    >
      <div class="line">
        <Button icon="plus" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {w.people.add}
        </Button>
        <a class="button second" href="/danh-sach">
          <Icon name="people" />
          {w.rolls.link}
        </a>
      </div>
      {adding && (
        <AddPerson
          onDone={(name) => {
            setAdding(false);
            setTyped(name);
            found.reload();
          }}
        />
      )}
      <div class="stack">
        <TextField type="search" label={w.people.find} value={typed} onValue={setTyped} />
        <UnitPicker label={w.people.inUnit} value={unit} onValue={setUnit} />
        {unit && (
          <div>
            <Button kind="plain" onClick={() => setUnit(null)}>
              {w.people.anyUnit}
            </Button>
          </div>
        )}
      </div>
      <Show of={found}>
        {({ items, total, more_than }) =>
          items.length === 0 ? (
            <Empty title={w.nothingFound} />
          ) : (
            <>
              <ul class="stack">
                {items.map((person) => (
                  <li key={person.id} class="card">
                    <PersonCard person={person} onChange={found.reload} />
                  </li>
                ))}
              </ul>
              <More shown={items.length} total={total} moreThan={more_than} onMore={() => setLimit(limit + 100)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function AddPerson({ onDone }: { onDone: (name: string) => void }) {
  const w = useWords(administration);
  const [name, setName] = useState("");
  const [number, setNumber] = useState("");
  const [unit, setUnit] = useState<UnitRef | null>(null);
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (!unit) return;
    const body = { full_name: name.trim(), member_number: number.trim() || null, unit_id: unit.id };
    if (await action.run(() => post("/people", body))) onDone(name.trim());
  };
  return (
    <form noValidate class="card stack" onSubmit={(event) => void onSubmit(event)}>
      <h2>{w.people.add}</h2>
      <Failure error={action.error} />
      <TextField
        label={w.people.fullName}
        required
        maxLength={200}
        wrong={action.fieldError("full_name")}
        value={name}
        onValue={setName}
      />
      <TextField
        label={w.people.memberNumber}
        hint={w.optional}
        maxLength={30}
        wrong={action.fieldError("member_number")}
        value={number}
        onValue={setNumber}
      />
      <UnitPicker label={w.unit} wrong={action.fieldError("unit_id")} value={unit} onValue={setUnit} />
      <div>
        <Button type="submit" icon="plus" busy={action.busy} disabled={!unit}>
          {w.people.add}
        </Button>
      </div>
    </form>
  );
}

function PersonCard({ person, onChange }: { person: PersonRow; onChange: () => void }) {
  const w = useWords(administration);
  return (
    <div class="stack tight">
      <h2>{person.full_name}</h2>
      <p class="quiet small">
        {person.unit.name}
        {person.member_number && ` · ${w.memberNumber(person.member_number)}`}
        {` · ${person.username ? w.people.account(person.username) : w.people.noAccount}`}
      </p>
      {person.roles.length > 0 && (
        <ul class="stack tight">
          {person.roles.map((held) => (
            <RoleLine key={held.id} held={held} onChange={onChange} />
          ))}
        </ul>
      )}
      <details>
        <summary>
          <Icon name="down" />
          {person.username ? w.people.addRole : w.people.makeAccount}
        </summary>
        {person.username ? (
          <AddRole person={person} onChange={onChange} />
        ) : (
          <MakeAccount person={person} onChange={onChange} />
        )}
      </details>
    </div>
  );
}

function RoleLine({ held, onChange }: { held: RoleRef; onChange: () => void }) {
  const w = useWords(administration);
  const action = useAction();
  const revoke = () =>
    void action.run(async () => {
      await remove(`/roles/${held.id}`);
      onChange();
    });
  return (
    <li>
      <div class="line">
        <span>
          <strong>{w.roles[held.role]}</strong>, {held.unit.name}
        </span>
        <Button kind="plain" busy={action.busy} onClick={revoke}>
          {w.people.removeRole}
        </Button>
      </div>
      <Failure error={action.error} />
    </li>
  );
}

const ROLES: Role[] = ["technician", "staff", "administrator", "security"];

function AddRole({ person, onChange }: { person: PersonRow; onChange: () => void }) {
  const w = useWords(administration);
  const [role, setRole] = useState<Role>("technician");
  const [unit, setUnit] = useState<UnitRef | null>(person.unit);
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (unit && (await action.run(() => post(`/people/${person.id}/roles`, { role, unit_id: unit.id })))) onChange();
  };
  return (
    <form noValidate class="stack" onSubmit={(event) => void onSubmit(event)}>
      <Failure error={action.error} />
      <Field label={w.people.role}>
        {(given) => (
          <select class="box" value={role} onChange={(event) => setRole(event.currentTarget.value as Role)} {...given}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {w.roles[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <UnitPicker label={w.people.scope} hint={w.people.scopeHint} value={unit} onValue={setUnit} />
      <div>
        <Button type="submit" busy={action.busy} disabled={!unit}>
          {w.people.addRole}
        </Button>
      </div>
    </form>
  );
}

function MakeAccount({ person, onChange }: { person: PersonRow; onChange: () => void }) {
  const w = useWords(administration);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const made = await action.run(() => post(`/people/${person.id}/account`, { username: username.trim(), password }));
    setDone(made);
    if (made) onChange();
  };
  return (
    <form noValidate class="stack" onSubmit={(event) => void onSubmit(event)}>
      <Failure error={action.error} />
      {done && <Notice tone="good">{w.people.accountMade}</Notice>}
      <TextField
        label={w.signIn.username}
        required
        autoComplete="off"
        autoCapitalize="none"
        maxLength={60}
        wrong={action.fieldError("username")}
        value={username}
        onValue={setUsername}
      />
      <TextField
        label={w.people.firstPassword}
        hint={w.account.newPasswordHint}
        required
        autoComplete="off"
        minLength={10}
        wrong={action.fieldError("password")}
        value={password}
        onValue={setPassword}
      />
      <div>
        <Button type="submit" busy={action.busy}>
          {w.people.makeAccount}
        </Button>
      </div>
    </form>
  );
}
