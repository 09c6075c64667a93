import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { PointFate, PointPlan, UnitRef } from "../../api/types";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { pointLists } from "../../i18n/vi/pointLists";
import { Choice } from "../../parts/form";
import { UnitPicker } from "../../parts/picker";
import { Button, Failure, Notice, Tag, type Tone } from "../../parts/show";
import { FileInput } from "./FileInput";

type Source = "last" | "unit" | "file";

/** What leads to a point is good, what is there already is plain, and anything else stands in the way. */
const TONES: Partial<Record<PointFate, Tone>> = { joins: "good", registered: "good", already: "plain" };

/** Points from the last conference, of a whole unit or out of a file: looked at first, then added. */
export function ManyPoints({ sessionId, onAdded }: { sessionId: string; onAdded: () => void }) {
  const w = useWords(pointLists);
  const [source, setSource] = useState<Source | null>(null);
  const [unit, setUnit] = useState<UnitRef | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [plan, setPlan] = useState<PointPlan | null>(null);
  const [added, setAdded] = useState<number | null>(null);
  const action = useAction();
  const ready = source === "last" || (source === "unit" && unit) || (source === "file" && file);

  const change = (set: () => void) => {
    set();
    setPlan(null);
    setAdded(null);
  };
  const asked = async () => ({
    source: source ?? "last",
    unit_id: source === "unit" ? (unit?.id ?? null) : null,
    content: source === "file" && file ? await asBase64(file) : null,
  });
  const look = () => action.run(async () => setPlan(await post(`/sessions/${sessionId}/points/plan`, await asked())));
  const submit = () =>
    action.run(async () => {
      const done = await post(`/sessions/${sessionId}/points/list`, await asked());
      change(() => setSource(null));
      setAdded(done.added);
      onAdded();
    });
  return (
    <section class="card stack">
      <h2>{w.many.title}</h2>
      {added !== null && <Notice tone="good">{w.many.added(formatNumber(added))}</Notice>}
      <Choice
        label={w.many.from}
        options={[
          { value: "last", text: w.many.last },
          { value: "unit", text: w.many.unit },
          { value: "file", text: w.many.file },
        ]}
        value={source}
        onValue={(next) => change(() => setSource(next))}
      />
      {source === "unit" && (
        <UnitPicker label={w.many.within} value={unit} onValue={(next) => change(() => setUnit(next))} />
      )}
      {source === "file" && (
        <div class="stack tight">
          <p class="hint">{w.many.fileHint}</p>
          <div class="line">
            <FileInput
              label={file?.name ?? w.many.choose}
              accept=".xlsx,.xls,.csv"
              onChosen={(chosen) => change(() => setFile(chosen.file))}
            />
          </div>
        </div>
      )}
      <Failure error={action.error} />
      {source && !plan && (
        <div>
          <Button kind="second" icon="search" busy={action.busy} disabled={!ready} onClick={() => void look()}>
            {w.many.look}
          </Button>
        </div>
      )}
      {plan && <Preview plan={plan} />}
      {plan && (
        <div>
          <Button icon="plus" busy={action.busy} disabled={plan.adds === 0} onClick={() => void submit()}>
            {plan.adds === 0 ? w.many.nothing : w.many.submit(formatNumber(plan.adds))}
          </Button>
        </div>
      )}
    </section>
  );
}

function Preview({ plan }: { plan: PointPlan }) {
  const w = useWords(pointLists);
  const fates = Object.entries(plan.counts) as [PointFate, number][];
  return (
    <>
      <p>{w.many.found(formatNumber(plan.total))}</p>
      <ul class="line">
        {fates.map(([fate, count]) => (
          <li key={fate}>
            <Tag tone={TONES[fate] ?? "warn"}>
              {w.many.fates[fate]}: {formatNumber(count)}
            </Tag>
          </li>
        ))}
      </ul>
      {plan.total > plan.entries.length && <p class="quiet">{w.many.firstShown(formatNumber(plan.entries.length))}</p>}
      <ul class="rows">
        {plan.entries.map((entry, at) => (
          <li key={at} class="row">
            <div class="grow stack tight">
              <span>{entry.name}</span>
              <span class="quiet small">
                {[entry.row !== null && w.many.row(formatNumber(entry.row)), entry.unit?.name]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              <span>
                <Tag tone={TONES[entry.fate] ?? "warn"}>{w.many.fates[entry.fate]}</Tag>{" "}
                <span class="quiet small">{entry.about}</span>
              </span>
            </div>
            <span class="number">{entry.expected === null ? "–" : formatNumber(entry.expected)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The file as the contract wants it. */
function asBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
