import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { MeetingAccepted, MeetingLog, MeetingRow, MeetingWhich, Part } from "../../api/types";
import { formatMoment, formatNumber, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { meetings } from "../../i18n/vi/meetings";
import { Choice } from "../../parts/form";
import { More } from "../../parts/more";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";
import { MeetingLine } from "./MeetingLine";

const LISTS: MeetingWhich[] = ["sure", "look", "unknown", "rooms", "decided", "all"];
/** The most that one request decides. */
const AT_ONCE = 200;

/** The rows of one log by how sure their match is, to accept, correct or refuse, one by one or many together. */
export function MeetingRows({ logId, parts }: { logId: string; parts: Part[] }) {
  const log = useResource(`/meeting-logs/${logId}`);
  return <Show of={log}>{(data) => <OfLog log={data} parts={parts} onChange={log.reload} />}</Show>;
}

function OfLog({ log, parts, onChange }: { log: MeetingLog; parts: Part[]; onChange: () => void }) {
  const w = useWords(meetings);
  const [which, setWhich] = useState<MeetingWhich>(LISTS.find((one) => (log.counts[one] ?? 0) > 0) ?? "all");
  const [limit, setLimit] = useState(50);
  const rows = useResource(`/meeting-logs/${log.id}/rows`, { query: { which, limit } });
  const changed = () => {
    rows.reload();
    onChange();
  };
  return (
    <>
      <About log={log} />
      <Choice
        across
        label={w.rows.which}
        value={which}
        onValue={setWhich}
        options={LISTS.map((one) => ({
          value: one,
          text: `${w.rows.lists[one]} (${formatNumber(log.counts[one] ?? 0)})`,
        }))}
      />
      <Show of={rows}>
        {({ items, total }) => (
          <>
            <Deciding
              key={which}
              log={log}
              sure={which === "sure" ? total : 0}
              items={items}
              parts={parts}
              onChange={changed}
            />
            <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
          </>
        )}
      </Show>
    </>
  );
}

function About({ log }: { log: MeetingLog }) {
  const w = useWords(meetings);
  return (
    <section class="card stack tight">
      <h2>{log.file_name}</h2>
      <p>
        {w.logs.platforms[log.platform]} · {w.logs.names(formatNumber(log.participants))} ·{" "}
        {log.first_at && log.last_at
          ? w.logs.spanning(formatMoment(log.first_at), formatMoment(log.last_at))
          : w.logs.onlySums}
      </p>
      <p class="quiet">{w.logs.rule(formatPercent(log.share))}</p>
      {log.skipped > 0 && (
        <details>
          <summary>{w.logs.skipped(formatNumber(log.skipped))}</summary>
          <ul class="small">
            {log.skipped_rows.map((each) => (
              <li key={each.row}>{w.logs.skippedRow(each.row, each.reason)}</li>
            ))}
          </ul>
          {log.skipped > log.skipped_rows.length && (
            <p class="small">{w.logs.skippedMore(formatNumber(log.skipped - log.skipped_rows.length))}</p>
          )}
        </details>
      )}
    </section>
  );
}

const NOTHING: MeetingAccepted = { accepted: 0, checked_in: 0, too_short: 0, own: 0, left: 0 };

function added(one: MeetingAccepted, other: MeetingAccepted): MeetingAccepted {
  return {
    accepted: one.accepted + other.accepted,
    checked_in: one.checked_in + other.checked_in,
    too_short: one.too_short + other.too_short,
    own: one.own + other.own,
    left: other.left,
  };
}

function Deciding({
  log,
  sure,
  items,
  parts,
  onChange,
}: {
  log: MeetingLog;
  sure: number;
  items: MeetingRow[];
  parts: Part[];
  onChange: () => void;
}) {
  const w = useWords(meetings);
  const action = useAction();
  const [ticked, setTicked] = useState<string[]>([]);
  const [told, setTold] = useState<MeetingAccepted | number | null>(null);
  const open = items.filter((row) => row.state === "proposed");
  const chosen = open.filter((row) => ticked.includes(row.id)).map((row) => row.id);
  const settled = (outcome: MeetingAccepted | number) => {
    setTold(outcome);
    setTicked([]);
    onChange();
  };
  const acceptSure = () =>
    action.run(async () => {
      let all = NOTHING;
      do {
        all = added(all, await post(`/meeting-logs/${log.id}/accept-sure`));
        setTold(all);
      } while (all.left > 0);
      settled(all);
    });
  const accept = () =>
    action.run(async () => {
      let all = NOTHING;
      for (let from = 0; from < chosen.length; from += AT_ONCE) {
        const row_ids = chosen.slice(from, from + AT_ONCE);
        all = added(all, await post(`/meeting-logs/${log.id}/accept`, { row_ids }));
      }
      settled(all);
    });
  const refuse = () =>
    action.run(async () => {
      let gone = 0;
      for (let from = 0; from < chosen.length; from += AT_ONCE) {
        const row_ids = chosen.slice(from, from + AT_ONCE);
        gone += (await post(`/meeting-logs/${log.id}/refuse`, { row_ids })).refused;
      }
      settled(gone);
    });
  const toggle = (id: string) => setTicked(ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id]);
  return (
    <section class="stack">
      <Failure error={action.error} />
      {told !== null && <Told outcome={told} />}
      {sure > 0 && (
        <div>
          <Button icon="check" busy={action.busy} onClick={() => void acceptSure()}>
            {w.rows.acceptAll(formatNumber(sure))}
          </Button>
        </div>
      )}
      {items.length === 0 ? (
        <Empty title={w.rows.none} />
      ) : (
        <ul class="rows log-rows">
          {items.map((row) => (
            <MeetingLine
              key={row.id}
              row={row}
              parts={parts}
              logId={log.id}
              ticked={ticked.includes(row.id)}
              onTick={() => toggle(row.id)}
              onChange={onChange}
            />
          ))}
        </ul>
      )}
      {open.length > 0 && (
        <div class="stays line">
          <Button icon="check" busy={action.busy} disabled={chosen.length === 0} onClick={() => void accept()}>
            {chosen.length === 0 ? w.rows.tickFirst : w.rows.accept(chosen.length)}
          </Button>
          {chosen.length > 0 && (
            <Button kind="second" icon="cross" busy={action.busy} onClick={() => void refuse()}>
              {w.rows.refuse(chosen.length)}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Told({ outcome }: { outcome: MeetingAccepted | number }) {
  const w = useWords(meetings);
  if (typeof outcome === "number") return <Notice tone="plain">{w.rows.gone(formatNumber(outcome))}</Notice>;
  return (
    <Notice tone="good">
      <p>{w.rows.outcome(formatNumber(outcome.accepted), formatNumber(outcome.checked_in))}</p>
      {outcome.too_short > 0 && <p>{w.rows.tooShort(formatNumber(outcome.too_short))}</p>}
      {outcome.own > 0 && <p>{w.rows.own(formatNumber(outcome.own))}</p>}
    </Notice>
  );
}
