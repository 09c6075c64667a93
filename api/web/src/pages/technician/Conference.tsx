import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Session, SessionPoint } from "../../api/types";
import type { PageProps } from "../../app";
import { matches } from "../../fold";
import { formatMoment, formatNumber, formatSpan, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { CalledOff } from "../../parts/calledOff";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { JobList } from "../../parts/jobs";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Empty, Ghosts, Notice, Show } from "../../parts/show";

/** More points than this are looked up by name instead of being listed. */
const MOST_POINTS = 500;

export function Conference({ id }: PageProps) {
  const w = useWords(technician);
  const session = useResource(`/sessions/${id}`, { keep: true });
  return (
    <Page
      title={session.data?.title ?? w.conference.one}
      back={{ to: "/hoi-nghi", text: w.conference.list }}
      lead={session.data && formatSpan(session.data.starts_at, session.data.ends_at)}
    >
      <Show of={session}>
        {(data) => (
          <>
            <Overview session={data} />
            <Parts session={data} />
            {/* Before a conference its rooms matter; after it, what was recorded there. */}
            {isOver(data) && <Documents session={data} />}
            <Points session={data} />
            {!isOver(data) && <Documents session={data} />}
          </>
        )}
      </Show>
    </Page>
  );
}

const isOver = (session: Session) => Date.parse(session.ends_at) < Date.now();

function Overview({ session }: { session: Session }) {
  const w = useWords(technician);
  return (
    <section class="card stack">
      <CalledOff session={session} />
      {session.closed_at && <Notice tone="plain">{w.conference.closedAt(formatMoment(session.closed_at))}</Notice>}
      <dl class="figures">
        <div>
          <dt>{w.conference.points}</dt>
          <dd>{formatNumber(session.counts.points)}</dd>
        </div>
        <div>
          <dt>{w.conference.present}</dt>
          <dd>{formatNumber(session.counts.present)}</dd>
        </div>
        <div>
          <dt>{w.conference.expected}</dt>
          <dd>{session.counts.expected > 0 ? formatNumber(session.counts.expected) : "–"}</dd>
        </div>
        {session.counts.summoned > 0 && (
          <div>
            <dt>{w.conference.summoned}</dt>
            <dd>{formatNumber(session.counts.summoned)}</dd>
          </div>
        )}
      </dl>
      <p class="quiet">
        {session.unit.name}
        {session.policy.replay_until && ` · ${w.conference.replayUntil(formatMoment(session.policy.replay_until))}`}
      </p>
      <div class="line">
        {session.can.upload && (
          <a class="button" href={`/hoi-nghi/${session.id}/tai-len`}>
            <Icon name="upload" />
            {w.upload.title}
          </a>
        )}
        {(session.can.edit || session.can.count) && (
          <a class="button second" href={`/hoi-nghi/${session.id}/${isOver(session) ? "su-co" : "chuan-bi"}`}>
            <Icon name={isOver(session) ? "warning" : "check"} />
            {isOver(session) ? w.conference.troubles : w.conference.preparation}
          </a>
        )}
        {(session.can.edit || session.can.report) && (
          <a class="button second" href={`/hoi-nghi/${session.id}/truc-tiep`}>
            <Icon name="gauge" />
            {w.conference.live}
          </a>
        )}
        {isOver(session) && (
          <a class="button second" href="/xem-chung">
            <Icon name="people" />
            {w.rooms.together}
          </a>
        )}
        {session.can.report && (
          <a class="button second" href={`/can-bo/${session.id}`}>
            <Icon name="chart" />
            {w.nav.participation}
          </a>
        )}
      </div>
    </section>
  );
}

function Parts({ session }: { session: Session }) {
  const w = useWords(technician);
  const changeable = session.can.edit && !session.cancelled_at && Date.parse(session.starts_at) > Date.now();
  return (
    <section class="stack">
      <div class="line apart">
        <h2>{w.conference.parts}</h2>
        {(changeable || session.sequence > 0) && (
          <a class="button second" href={`/hoi-nghi/${session.id}/chuong-trinh`}>
            <Icon name="calendar" />
            {changeable ? w.conference.changeAgenda : w.conference.changes}
          </a>
        )}
      </div>
      <ol class="rows">
        {session.parts.map((part) => (
          <li key={part.id} class="row">
            <span class="number quiet">
              {formatTime(part.starts_at)}–{formatTime(part.ends_at)}
            </span>
            <span class="grow">
              {part.title}
              {part.speaker && <span class="quiet small"> · {part.speaker}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Points({ session }: { session: Session }) {
  const w = useWords(technician);
  const [typed, setTyped] = useState("");
  const points = useResource(`/sessions/${session.id}/points`, {
    query: { limit: MOST_POINTS },
    keep: true,
  });
  return (
    <section class="stack">
      <div class="line apart">
        <h2>{w.conference.points}</h2>
        {session.can.edit && (
          <a class="button second" href={`/hoi-nghi/${session.id}/them-diem-cau`}>
            <Icon name="plus" />
            {w.conference.addPoints}
          </a>
        )}
      </div>
      <Show of={points} ghosts={<Ghosts count={4} height={64} />}>
        {({ items, total }) => {
          const found = items.filter((one) => matches(`${one.point.name} ${one.unit.name}`, typed));
          if (total === 0) {
            return (
              <Empty title={w.conference.noPoints}>
                <p class="quiet">{w.conference.noPointsHint}</p>
              </Empty>
            );
          }
          return (
            <>
              {total > 8 && <TextField type="search" label={w.conference.findPoint} value={typed} onValue={setTyped} />}
              {found.length === 0 ? (
                <p>{w.nothingFound}</p>
              ) : (
                <ul class="rows">
                  {found.map((one) => (
                    <PointRow key={one.id} point={one} />
                  ))}
                </ul>
              )}
              {total > items.length && (
                <p class="quiet">{w.shownOf(formatNumber(items.length), formatNumber(total))}</p>
              )}
            </>
          );
        }}
      </Show>
    </section>
  );
}

function PointRow({ point }: { point: SessionPoint }) {
  const w = useWords(technician);
  return (
    <li>
      <a href={`/diem-cau/${point.id}`}>
        <div class="grow stack tight">
          <span class="title">{point.point.name}</span>
          <span class="quiet small">{point.unit.name}</span>
          <span>
            <PointTag state={point.state} />
          </span>
        </div>
        <span class="number">
          <strong>{point.latest ? formatNumber(point.latest.present) : "–"}</strong>
          <span class="quiet"> / {point.expected_count === null ? "–" : formatNumber(point.expected_count)}</span>
          <span class="unseen">{w.conference.presentExpected}</span>
        </span>
        <Icon name="forward" />
      </a>
    </li>
  );
}

function Documents({ session }: { session: Session }) {
  const w = useWords(technician);
  return (
    <section class="stack">
      <h2>{w.conference.documents}</h2>
      <JobList
        sessionId={session.id}
        empty={
          <Empty title={w.conference.noDocuments}>
            <p class="quiet">{w.conference.noDocumentsHint}</p>
          </Empty>
        }
      />
    </section>
  );
}
