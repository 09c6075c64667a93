import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Door, Session } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber } from "../../format";
import { dueOf } from "../../group/codes";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { useNow } from "../../parts/now";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Show } from "../../parts/show";
import { Qr } from "../group/Qr";
import { likelyMoment } from "../technician/likelyMoment";
import { Claims } from "./Claims";
import "../group/group.css";
import "./doors.css";

/** Codes must not run out between two answers, and the count is to look alive. */
const POLL_MS = 6_000;

/** The screen of a point: the code by which everybody in the room checks themselves in, and how many have. */
export function DoorScreen({ id }: PageProps) {
  const w = useWords(doors);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  return (
    <Page
      title={w.screen.title}
      lead={w.screen.lead}
      back={{ to: `/diem-cau/${id}`, text: point.data?.point.name ?? w.screen.title }}
      narrow
    >
      <Show of={point}>{() => <Show of={session}>{(data) => <DoorOfPart id={id} session={data} />}</Show>}</Show>
    </Page>
  );
}

function DoorOfPart({ id, session }: { id: string; session: Session }) {
  const w = useWords(doors);
  const [partId, setPartId] = useState(likelyMoment(session.parts, new Date()).partId);
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
      <Shown key={partId} id={id} partId={partId} />
      <p class="line">
        <a class="button second" href={`/diem-cau/${id}/diem-danh`}>
          <Icon name="check" />
          {w.screen.roster}
        </a>
        <a class="button second" href={`/diem-cau/${id}/quet-ma`}>
          <Icon name="person" />
          {w.scan.title}
        </a>
        <a class="button second" href={`/hoi-nghi/${session.id}/tai-lieu`}>
          <Icon name="file" />
          {w.screen.documents}
        </a>
      </p>
      <p class="quiet small">{w.screen.own}</p>
    </>
  );
}

interface HeardDoor {
  door: Door;
  at: number;
}

function Shown({ id, partId }: { id: string; partId: string }) {
  const [heard, setHeard] = useState<HeardDoor | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = () =>
    post(`/session-points/${id}/door`, { part_id: partId }).then((door) => {
      setHeard({ door, at: performance.now() });
      setError(null);
    }, setError);
  useEffect(() => {
    void ask();
    const timer = setInterval(() => void ask(), POLL_MS);
    return () => clearInterval(timer);
  }, []);
  if (!heard) return error ? <Failure error={error} retry={() => void ask()} /> : <Ghosts count={1} height={480} />;
  return (
    <>
      <Code heard={heard} />
      {heard.door.claims > 0 && (
        <Claims id={id} partId={partId} count={heard.door.claims} onSettled={() => void ask()} />
      )}
    </>
  );
}

function Code({ heard: { door, at } }: { heard: HeardDoor }) {
  const w = useWords(doors);
  const whole = useRef<HTMLElement>(null);
  const passed = (useNow() - at) / 1000;
  const code = dueOf(door.codes, passed);
  const next = door.codes.find((each) => each.in_seconds > passed);
  const left = next ? Math.max(1, Math.ceil(next.in_seconds - passed)) : 0;
  return (
    <section class="card stack door" aria-label={w.screen.title} ref={whole}>
      {code ? (
        <>
          <Qr text={`${location.origin}/diem-danh?ma=${code.token}`} label={w.screen.codeFor(code.digits)} />
          <p class="small">{w.screen.howTo}</p>
          <p class="door-code number">{`${code.digits.slice(0, 3)} ${code.digits.slice(3)}`}</p>
          <progress max={door.step_seconds} value={left} aria-label={w.screen.left(left)} />
          <p class="quiet small number">{w.screen.left(left)}</p>
        </>
      ) : (
        <p class="with-icon" role="status">
          <Icon name="unlink" />
          {w.screen.lost}
        </p>
      )}
      <p class="with-icon">
        <Icon name="people" />
        <strong>{w.screen.checked(formatNumber(door.present), formatNumber(door.expected))}</strong>
      </p>
      <Button kind="plain" icon="video" onClick={() => void whole.current?.requestFullscreen?.()}>
        {w.screen.whole}
      </Button>
    </section>
  );
}
