import { Problem } from "../../api/client";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import type { Entry } from "../../outbox";
import { Failure, Notice } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";

/** What became of what was just said: with the server, waiting on this device, or refused. */
export function Told({ entryId }: { entryId: string }) {
  const w = useWords(before);
  const entry = useStore(outbox.entries).find((one) => one.id === entryId);
  if (entry?.refusal) return <Failure error={new Problem(422, "refused", entry.refusal)} />;
  if (entry) {
    return (
      <Notice tone="warn">
        {w.told.waits} <a href="/cho-gui">{w.outbox.title}</a>
      </Notice>
    );
  }
  return (
    <Notice tone="good">
      {w.told.taken} <a href="/ky-thuat">{w.told.home}</a>
    </Notice>
  );
}

/** What this device has yet to tell of one point, oldest first; what was refused is not on its way. */
export function useOnTheWay(pointId: string): Entry[] {
  const base = `/session-points/${pointId}/`;
  return useStore(outbox.entries).filter((entry) => entry.refusal === null && entry.path.startsWith(base));
}
