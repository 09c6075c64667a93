import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post, postFile } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Roster, UnitRef } from "../../api/types";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { people } from "../../i18n/vi/people";
import { unitsOf, useMe } from "../../login";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { Button, Failure, Ghosts, Notice, Show, Tag } from "../../parts/show";
import "./people.css";

const LOOK_AGAIN_MS = 700;
const COUNTS = ["rows", "new", "changed", "moved", "returned", "same", "exempted", "held"] as const;
/** Said even when nobody is of them: what a reader looks for first. */
const ALWAYS = new Set<string>(["rows", "new", "changed", "held"]);

/** A list of people as a file: chosen, looked through with what is the matter with each row, taken over. */
export function ImportRoster() {
  const w = useWords(people);
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(useMe(), "staff", "administrator")[0] ?? null);
  const [roster, setRoster] = useState<Roster | null>(null);
  const reading = useAction();
  const bring = (file: File, of: UnitRef) =>
    void reading.run(async () => {
      setRoster(null);
      setRoster(await postFile("/rosters", { unit_id: of.id, file_name: file.name }, file));
    });
  return (
    <Page title={w.roster.title} lead={w.roster.lead}>
      <section class="card stack">
        <UnitPicker label={w.roster.unit} hint={w.roster.unitHint} value={unit} onValue={setUnit} />
        {unit && (
          <ChooseFile
            label={roster ? w.roster.chooseOther : w.roster.choose}
            busy={reading.busy}
            onFile={(file) => bring(file, unit)}
          />
        )}
        <Failure error={reading.error} />
      </section>
      {reading.busy && (
        <>
          <p role="status">{w.roster.reading}</p>
          <Ghosts />
        </>
      )}
      {roster && <Looked key={roster.id} first={roster} />}
    </Page>
  );
}

function ChooseFile({ label, busy, onFile }: { label: string; busy: boolean; onFile: (file: File) => void }) {
  return (
    <div>
      <input
        class="unseen"
        type="file"
        id="roster-file"
        accept=".xlsx,.xls,.csv,.txt"
        disabled={busy}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onFile(file);
          // The same file, corrected meanwhile, must count as chosen again.
          currentTarget.value = "";
        }}
      />
      <label class="button second" for="roster-file">
        <Icon name="file" />
        {label}
      </label>
    </div>
  );
}

function Looked({ first }: { first: Roster }) {
  const w = useWords(people);
  const [roster, setRoster] = useState(first);
  const taking = useAction();
  const take = () => void taking.run(async () => setRoster(await post(`/rosters/${first.id}/taking`)));
  const { counts } = roster;
  const due = counts.new + counts.changed + counts.exempted;
  return (
    <>
      <section class="card stack">
        <h2>{roster.finished_at ? w.roster.done : w.roster.preview}</h2>
        {roster.finished_at && <Notice tone="good">{roster.file_name}</Notice>}
        <dl class="figures">
          {COUNTS.filter((name) => ALWAYS.has(name) || counts[name] > 0).map((name) => (
            <div key={name}>
              <dt>{w.roster.counts[name]}</dt>
              <dd>{formatNumber(counts[name])}</dd>
            </div>
          ))}
        </dl>
        <Absent roster={roster} />
        <Failure error={taking.error} />
        {taking.busy && <Progress id={roster.id} />}
        {!roster.finished_at && due === 0 && <p>{w.roster.nothing}</p>}
        {!roster.finished_at && due > 0 && (
          <div>
            <Button icon="check" busy={taking.busy} onClick={take}>
              {w.roster.take(formatNumber(counts.new + counts.changed + counts.same))}
            </Button>
          </div>
        )}
      </section>
      <Findings key={roster.finished_at} roster={roster} />
      {!roster.finished_at && <Understood roster={roster} />}
    </>
  );
}

function Progress({ id }: { id: string }) {
  const w = useWords(people);
  const seen = useResource(`/rosters/${id}`, { every: () => LOOK_AGAIN_MS });
  const done = seen.data?.done ?? 0;
  return (
    <div class="stack tight" role="status">
      <progress max={100} value={done} aria-label={w.roster.taking} />
      <span>
        {w.roster.taking} {done} %
      </span>
    </div>
  );
}

function Absent({ roster }: { roster: Roster }) {
  const w = useWords(people);
  if (roster.counts.absent === 0) return null;
  const more = roster.counts.absent > roster.absent_names.length ? "…" : "";
  return (
    <div class="stack tight">
      <p>{w.roster.absent(formatNumber(roster.counts.absent))}</p>
      <details>
        <summary>
          <Icon name="down" />
          {w.roster.more}
        </summary>
        <p>
          {roster.absent_names.join(", ")}
          {more}
        </p>
      </details>
    </div>
  );
}

function Findings({ roster }: { roster: Roster }) {
  const w = useWords(people);
  const [limit, setLimit] = useState(50);
  const found = useResource(roster.findings > 0 ? `/rosters/${roster.id}/findings` : null, { query: { limit } });
  if (roster.findings === 0) return <Notice tone="good">{w.roster.noFindings}</Notice>;
  return (
    <section class="card stack">
      <h2>{w.roster.findings(formatNumber(roster.findings))}</h2>
      {roster.counts.held > 0 && <p class="quiet">{w.roster.heldHint}</p>}
      <Show of={found}>
        {({ items, total }) => (
          <>
            <ul class="row-findings">
              {items.map((each) => (
                <li key={`${each.row} ${each.code}`}>
                  <strong>
                    {w.roster.row} {formatNumber(each.row)}
                  </strong>
                  <Tag tone={each.held_back ? "bad" : "warn"}>{each.held_back ? w.roster.held : w.roster.check}</Tag>
                  <span>{each.text}</span>
                </li>
              ))}
            </ul>
            <More shown={items.length} total={total} onMore={() => setLimit(Math.min(limit + 200, 500))} />
          </>
        )}
      </Show>
    </section>
  );
}

/** How the file was read: a column taken for another is seen here before anything is taken over. */
function Understood({ roster }: { roster: Roster }) {
  const w = useWords(people);
  return (
    <section class="card stack">
      <h2>{w.roster.understood}</h2>
      <dl class="facts">
        {Object.entries(roster.headings).map(([field, heading]) => (
          <>
            <dt>{w.roster.fields[field] ?? field}</dt>
            <dd>“{heading}”</dd>
          </>
        ))}
      </dl>
      {roster.unknown_headings.length > 0 && (
        <p class="quiet">{w.roster.notUsed(roster.unknown_headings.map((each) => `“${each}”`).join(", "))}</p>
      )}
      <h3>{w.roster.sample}</h3>
      <ul class="stack tight">
        {roster.sample.map((line) => (
          <li key={line.row}>
            <span class="quiet">
              {w.roster.row} {formatNumber(line.row)}:{" "}
            </span>
            {[line.full_name, line.member_number, line.unit].filter(Boolean).join(" · ")}
          </li>
        ))}
      </ul>
    </section>
  );
}
