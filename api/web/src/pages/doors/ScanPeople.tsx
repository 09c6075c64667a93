import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { useResource } from "../../api/resource";
import type { PointLogTaken, Session } from "../../api/types";
import type { PageProps } from "../../app";
import { formatTime } from "../../format";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { account } from "../../login";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { listen, outbox } from "../../waiting";
import { canScan, Scanner } from "../group/Scanner";
import { likelyMoment } from "../technician/likelyMoment";
import { OLD_MS, readCard } from "./card";
import { entriesPath, openLog, type ScanLog, writeScan } from "./scanlog";
import "../group/group.css";
import "./doors.css";

/** For a room without a link: this device scans everybody's own code into its signed log. */
export function ScanPeople({ id }: PageProps) {
  const w = useWords(doors);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  const [log, setLog] = useState<ScanLog | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    void openLog(account() ?? "", id).then(setLog, setError);
  }, [id]);
  return (
    <Page
      title={w.scan.title}
      lead={w.scan.lead}
      back={{ to: `/diem-cau/${id}`, text: point.data?.point.name ?? w.scan.title }}
      narrow
    >
      <Failure error={error} />
      {log === null && (
        <Notice tone="warn" icon="unlink">
          {w.scan.openFirst}
        </Notice>
      )}
      {log === undefined && error === null && <Ghosts count={2} height={120} />}
      {log && <Show of={session}>{(data) => <Scans log={log} session={data} />}</Show>}
    </Page>
  );
}

interface Line {
  at: string;
  code: string;
  text: string;
}

function Scans({ log, session }: { log: ScanLog; session: Session }) {
  const w = useWords(doors);
  const path = entriesPath(log.id);
  const [partId, setPartId] = useState(likelyMoment(session.parts, new Date()).partId);
  const [lines, setLines] = useState<Line[]>([]);
  const [told, setTold] = useState<PointLogTaken["outcomes"]>([]);
  const [camera, setCamera] = useState(0);
  const [typed, setTyped] = useState("");
  const action = useAction();
  const mine = useStore(outbox.entries).filter((entry) => entry.path === path);
  const waiting = mine.filter((entry) => entry.refusal === null).length;
  useEffect(() => listen(path, (answer) => setTold((old) => [...(answer as PointLogTaken).outcomes, ...old])), [path]);
  const take = (text: string) =>
    void action.run(async () => {
      const card = readCard(text);
      const note = (said: string) =>
        setLines((old) => [{ at: new Date().toISOString(), code: card?.code ?? "", text: said }, ...old]);
      if (!card) return note(w.scan.nobodys);
      if (card.session !== log.session_id) return note(w.scan.another);
      if (lines.some((line) => line.code === `${card.code}`)) return note(w.scan.again);
      await writeScan(log, partId, text.trim(), w.scan.note);
      const old = Math.abs(Date.now() + log.ahead - card.shown) > OLD_MS;
      note(old ? w.scan.old : w.scan.taken);
      void outbox.deliver();
    });
  return (
    <>
      {session.parts.length > 1 && (
        <Choice
          across
          label={w.screen.part}
          value={partId}
          onValue={setPartId}
          options={session.parts.map((one) => ({ value: one.id, text: one.title }))}
        />
      )}
      {canScan() &&
        (camera > 0 ? (
          <Scanner
            key={camera}
            read={(text) => (readCard(text) ? text : null)}
            onCode={(text) => {
              take(text);
              setCamera(0);
            }}
            onStop={() => setCamera(0)}
          />
        ) : (
          <Button kind="big" icon="phone" onClick={() => setCamera(Date.now())}>
            {w.scan.next}
          </Button>
        ))}
      <form
        class="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          take(typed);
          setTyped("");
        }}
      >
        <TextField
          label={w.scan.reader}
          hint={w.scan.readerHint}
          value={typed}
          onValue={setTyped}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={200}
        />
        <button type="submit" class="button second" disabled={!typed.trim()}>
          <Icon name="plus" />
          {w.scan.take}
        </button>
      </form>
      <Failure error={action.error} />
      {waiting > 0 && <Notice tone="warn">{w.scan.waits(waiting)}</Notice>}
      {mine
        .filter((entry) => entry.refusal !== null)
        .slice(0, 1)
        .map((entry) => (
          <Notice key={entry.id} tone="bad">
            {entry.refusal}
          </Notice>
        ))}
      {told.length > 0 && (
        <section class="stack tight" aria-labelledby="told">
          <h2 id="told">{w.scan.told}</h2>
          <ul class="rows">
            {told.map((one) => (
              <li key={one.number} class="row">
                <Icon name={one.outcome === "in" ? "check" : "warning"} />
                <span class="grow">{one.full_name ?? w.scan.unknown}</span>
                <span class="quiet small">{w.scan.outcomes[one.outcome] ?? w.scan.refused}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {lines.length > 0 && (
        <section class="stack tight" aria-labelledby="scanned">
          <h2 id="scanned">{w.scan.scanned}</h2>
          <ul class="rows" aria-live="polite">
            {lines.map((line) => (
              <li key={line.at} class="row">
                <span class="grow">{line.text}</span>
                <span class="quiet small">{formatTime(line.at)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
