import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { PersonRow, Slip, UnitRef } from "../../api/types";
import { formatDate, formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { people } from "../../i18n/vi/people";
import { unitsOf, useMe } from "../../login";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Failure, Show } from "../../parts/show";
import { Qr } from "../group/Qr";
import { Exemptions } from "./Exemptions";
import "./people.css";

/** Where staff look after who can sign in: lists, slips of paper, forgotten passwords, devices that many share. */
export function Rolls() {
  const w = useWords(people);
  const [printed, setPrinted] = useState<Slip[]>([]);
  return (
    <Page title={w.rolls.title} lead={w.rolls.lead}>
      <div class="stack wide no-print">
        <div>
          <a class="button second" href="/danh-sach/nhap">
            <Icon name="file" />
            {w.roster.title}
          </a>
        </div>
        <UnitSlips onPrinted={setPrinted} />
        <OneSlip onPrinted={setPrinted} />
        <Exemptions />
      </div>
      <Slips slips={printed} />
      <div class="no-print">
        <Devices />
      </div>
    </Page>
  );
}

interface Printing {
  onPrinted: (slips: Slip[]) => void;
}

function UnitSlips({ onPrinted }: Printing) {
  const w = useWords(people);
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(useMe(), "staff", "administrator")[0] ?? null);
  const [made, setMade] = useState<{ slips: number; waiting: number } | null>(null);
  const action = useAction();
  const make = (of: UnitRef) =>
    void action.run(async () => {
      const { slips, waiting } = await post("/slips", { unit_id: of.id });
      setMade({ slips: slips.length, waiting });
      onPrinted(slips);
    });
  return (
    <section class="card stack">
      <h2>{w.rolls.slips}</h2>
      <p class="quiet">{w.rolls.slipsHint}</p>
      <UnitPicker
        label={w.unit}
        value={unit}
        onValue={(next) => {
          setUnit(next);
          setMade(null);
        }}
      />
      <Failure error={action.error} />
      {made && (
        <p role="status">
          {made.waiting === 0 ? w.rolls.none : w.rolls.waiting(formatNumber(made.slips), formatNumber(made.waiting))}
        </p>
      )}
      {unit && (
        <div>
          <Button icon="file" busy={action.busy} onClick={() => make(unit)}>
            {made && made.waiting > made.slips ? w.rolls.next : w.rolls.make}
          </Button>
        </div>
      )}
    </section>
  );
}

function OneSlip({ onPrinted }: Printing) {
  const w = useWords(people);
  const [typed, setTyped] = useState("");
  const q = useSettled(typed.trim());
  const found = useResource(q ? "/people" : null, { query: { q, limit: 10 } });
  return (
    <section class="card stack">
      <h2>{w.rolls.reset}</h2>
      <p class="quiet">{w.rolls.resetHint}</p>
      <TextField type="search" label={w.rolls.find} value={typed} onValue={setTyped} />
      {q && (
        <Show of={found}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={w.nothingFound} />
            ) : (
              <ul class="stack">
                {items.map((person) => (
                  <Found key={person.id} person={person} onPrinted={onPrinted} />
                ))}
              </ul>
            )
          }
        </Show>
      )}
    </section>
  );
}

function Found({ person, onPrinted }: { person: PersonRow } & Printing) {
  const w = useWords(people);
  const action = useAction();
  const make = () => void action.run(async () => onPrinted((await post("/slips", { person_id: person.id })).slips));
  return (
    <li class="stack tight">
      <div class="line">
        <span>
          <strong>{person.full_name}</strong>, {person.unit.name}
          {`, ${person.username ? w.rolls.hasAccount : w.rolls.noAccount}`}
        </span>
        <Button kind="second" busy={action.busy} onClick={make}>
          {w.rolls.again}
        </Button>
      </div>
      <Failure error={action.error} />
    </li>
  );
}

/** The slips themselves, eight on a sheet of A4; the codes are shown this once. */
function Slips({ slips }: { slips: Slip[] }) {
  const w = useWords(people);
  if (slips.length === 0) return null;
  return (
    <section class="stack">
      <div class="no-print">
        <Button icon="file" onClick={() => print()}>
          {w.rolls.print}
        </Button>
      </div>
      <ul class="slips">
        {slips.map((slip) => (
          <li key={slip.code}>
            <Qr text={`${location.origin}/kich-hoat#${slip.code}`} label={w.slip.qr(slip.person.full_name)} />
            <div>
              <strong>{slip.person.full_name}</strong>
              <span>{slip.person.unit.name}</span>
              <span>
                {w.slip.username}: <strong>{slip.username}</strong>
              </span>
              <span>{w.slip.how}</span>
              <span>
                {location.host}/kich-hoat
                <br />
                {w.slip.code}: <strong class="code">{slip.code.match(/.{4}/g)?.join("-")}</strong>
              </span>
              <span class="small">{w.slip.expires(formatDate(slip.expires_at))}</span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Devices() {
  const w = useWords(people);
  const devices = useResource("/shared-devices");
  return (
    <section class="card stack">
      <h2>{w.rolls.devices}</h2>
      <Show of={devices}>
        {(found) =>
          found.length === 0 ? (
            <p>{w.rolls.noDevices}</p>
          ) : (
            <>
              <p class="quiet">{w.rolls.devicesHint}</p>
              <ul class="row-findings">
                {found.map((device) => (
                  <li key={device.people[0]?.person.id}>
                    <strong>{w.rolls.device(formatNumber(device.total), formatMoment(device.last_at))}</strong>
                    <span>
                      {device.people.map(({ person }) => `${person.full_name} (${person.unit.name})`).join(", ")}
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Show>
    </section>
  );
}
