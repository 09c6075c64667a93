import { formatMoment } from "../format";
import { useWords } from "../i18n";
import { type Entry, isWatching } from "../outbox";
import { Page } from "../parts/page";
import { Button, Empty, Notice, Tag } from "../parts/show";
import { useStore } from "../store";
import { outbox } from "../waiting";

/** What this device still has to send, and what the server would not take. */
export function Waiting() {
  const w = useWords();
  const entries = useStore(outbox.entries);
  const linked = useStore(outbox.linked);
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
          <ul class="rows">
            {groupBeats(entries).map(({ entry, count }) => (
              <Row key={entry.id} entry={entry} count={count} />
            ))}
          </ul>
          <Button icon="retry" onClick={() => void outbox.deliver()}>
            {w.outbox.sendNow}
          </Button>
        </>
      )}
    </Page>
  );
}

function Row({ entry, count }: { entry: Entry; count: number }) {
  const w = useWords();
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
          <Button kind="second" icon="trash" onClick={() => void dismissLike(entry)}>
            {w.outbox.dismiss}
          </Button>
        </div>
      )}
    </li>
  );
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
