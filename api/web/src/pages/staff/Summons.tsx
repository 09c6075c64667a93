import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { UnitRef } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { staff } from "../../i18n/vi/staff";
import { CalledOff } from "../../parts/calledOff";
import { TextField } from "../../parts/form";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { Button, Empty, Failure, Notice, Show, Tag } from "../../parts/show";

/** Who is expected: whole units with everyone below them. */
export function Summons({ id }: PageProps) {
  const w = useWords(staff);
  const [limit, setLimit] = useState(50);
  const session = useResource(`/sessions/${id}`);
  const list = useResource(`/sessions/${id}/summons`, { query: { limit } });
  return (
    <Page
      title={w.summons.title}
      lead={session.data?.title ?? null}
      back={{ to: `/can-bo/${id}`, text: w.participation.title }}
      narrow
    >
      {session.data?.cancelled_at ? (
        <CalledOff session={session.data} />
      ) : (
        <AddUnits sessionId={id} onAdded={list.reload} />
      )}
      <section class="stack">
        <h2>{w.summons.who}</h2>
        <Show of={list}>
          {({ items, total, more_than }) =>
            total === 0 ? (
              <Empty title={w.summons.nobody}>
                <p class="quiet">{w.summons.nobodyHint}</p>
              </Empty>
            ) : (
              <>
                <p>{w.summons.count(more_than ? w.moreThan(formatNumber(total)) : formatNumber(total))}</p>
                <ul class="rows">
                  {items.map((line) => (
                    <li key={line.person.id} class="row">
                      <div class="grow">
                        {line.person.full_name}
                        <div class="quiet small">
                          {line.person.unit.name}
                          {line.exempt_reason && ` · ${line.exempt_reason}`}
                        </div>
                      </div>
                      {line.is_late && <Tag tone="plain">{w.summons.late}</Tag>}
                      {line.exempt_reason && <Tag tone="plain">{w.summons.exempt}</Tag>}
                    </li>
                  ))}
                </ul>
                <More shown={items.length} total={total} moreThan={more_than} onMore={() => setLimit(limit + 100)} />
              </>
            )
          }
        </Show>
      </section>
    </Page>
  );
}

function AddUnits({ sessionId, onAdded }: { sessionId: string; onAdded: () => void }) {
  const w = useWords(staff);
  const [units, setUnits] = useState<UnitRef[]>([]);
  const [only, setOnly] = useState("");
  const [outcome, setOutcome] = useState<{ added: number; summoned: number } | null>(null);
  const action = useAction();
  const take = (unit: UnitRef | null) => {
    if (unit && !units.some((one) => one.id === unit.id)) setUnits([...units, unit]);
  };
  const submit = () =>
    action.run(async () => {
      const unit_ids = units.map((unit) => unit.id);
      const categories = only.split(/[,;]/).flatMap((one) => one.trim() || []);
      setOutcome(await post(`/sessions/${sessionId}/summons`, { unit_ids, categories, exempt: [] }));
      setUnits([]);
      onAdded();
    });
  return (
    <section class="card stack">
      <h2>{w.summons.add}</h2>
      <Failure error={action.error} />
      {outcome && (
        <Notice tone="good">{w.summons.added(formatNumber(outcome.added), formatNumber(outcome.summoned))}</Notice>
      )}
      <UnitPicker label={w.summons.unit} hint={w.summons.unitHint} value={null} onValue={take} />
      {units.length > 0 && (
        <ul class="line">
          {units.map((unit) => (
            <li key={unit.id}>
              <Button kind="second" icon="cross" onClick={() => setUnits(units.filter((one) => one.id !== unit.id))}>
                {unit.name}
                <span class="unseen">: {w.remove}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <TextField label={w.summons.categories} hint={w.summons.categoriesHint} value={only} onValue={setOnly} />
      <div>
        <Button icon="people" busy={action.busy} disabled={units.length === 0} onClick={() => void submit()}>
          {w.summons.submit}
        </Button>
      </div>
    </section>
  );
}
