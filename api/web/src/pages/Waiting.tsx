import { formatMoment } from "../format";
import { useWords } from "../i18n";
import { counts } from "../i18n/vi/counts";
import { type Entry, isWatching } from "../outbox";
import { Page } from "../parts/page";
import { Button, Empty, Notice, Tag } from "../parts/show";
import { useStore } from "../store";
import { outbox } from "../waiting";
import { CountQuestion, isQuestion } from "./technician/CountQuestion";

/** What this device still has to send, and what the server would not take. */
export function Waiting() {
  const w = useWords();
  const entries = useStore(outbox.entries);
  const linked = useStore(outbox.linked);
  const asked = entries.filter(isQuestion);
  return (
    <Page title={w.outbox.title} lead={w.outbox.lead} narrow>
      {!linked && (
        <Notice tone="warn" icon="unlink">
          {w.outbox.noLink}
        </Notice>
      )}
      {entries.length === 0 ? (
        <Empty title={w.outbox.empty} />
      ) : (
        <>
          {asked.map((entry) => (
            <CountQuestion key={entry.id} entry={entry} />
          ))}
          {asked.length < entries.length && (
            <ul class="rows">
              {groupBeats(entries.filter((entry) => !isQuestion(entry))).map(({ entry, count }) => (
                <Row key={entry.id} entry={entry} count={count} />
              ))}
            </ul>
          )}
          <Button icon="retry" onClick={() => void outbox.deliver()}>
            {w.outbox.sendNow}
          </Button>
        </>
      )}
    </Page>
  );
}

function Row({ entry, count }: { entry: Entry; count: number }) {
  const w = useWords(counts);
  return (
    <li class="row">
      <div class="grow stack tight">
        <strong>{entry.note}</strong>
        <span class="quiet small">
          {formatMoment(entry.made_at)}
          {count > 1 && ` · ${w.outbox.pieces(count)}`}
        </span>
        {entry.refusal && <span>{entry.refusal}</span>}
      </div>
      {entry.refusal === null ? (
        <Tag tone="warn">{w.outbox.waits}</Tag>
      ) : (
        <div class="stack tight">
          <Tag tone="bad">{w.outbox.refused}</Tag>
          {(entry.kind === "headcount" || entry.kind === "photo") && (
            <Button kind="second" icon="retry" onClick={() => void outbox.revise(entry.id, measuredAnew(entry.body))}>
              {w.again}
            </Button>
          )}
          <Button kind="second" icon="trash" onClick={() => void dismissLike(entry)}>
            {w.outbox.dismiss}
          </Button>
        </div>
      )}
    </li>
  );
}

/** Without what its clock was found to be off by: that may be what it was refused for. */
function measuredAnew(body: unknown): unknown {
  const { clock_ahead: _, ...rest } = body as { clock_ahead?: number };
  return rest;
}

/** An hour of watching is many beats: they are one line, not two hundred. */
function groupBeats(entries: Entry[]): { entry: Entry; count: number }[] {
  const groups = new Map<string, { entry: Entry; count: number }>();
  for (const entry of entries) {
    const key = isWatching(entry) ? `${entry.path} ${entry.refusal}` : entry.id;
    const group = groups.get(key);
    groups.set(key, group ? { ...group, count: group.count + 1 } : { entry, count: 1 });
  }
  return [...groups.values()];
}

async function dismissLike(entry: Entry): Promise<void> {
  const same = (other: Entry) =>
    other.id === entry.id || (isWatching(entry) && other.path === entry.path && other.refusal !== null);
  for (const gone of outbox.entries.get().filter(same)) await outbox.dismiss(gone.id);
}
