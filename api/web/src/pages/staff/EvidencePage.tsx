import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { CreditDetail, Evidence, ReviewDetail, Span } from "../../api/types";
import type { PageProps } from "../../app";
import { formatDuration, formatMinutes, formatMoment, formatPercent, formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import { review } from "../../i18n/vi/review";
import { Icon } from "../../parts/icons";
import { CreditTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Empty, Show } from "../../parts/show";
import { gaps, noticeable, stripes } from "../../player/covered";
import { ReviewDecide } from "./ReviewDecide";
import { ReviewRoom, ReviewTrace } from "./ReviewTrace";
import "./review.css";
import "./staff.css";

/** As many viewings as the server draws at once. */
const VIEWINGS = 20;

/** Why one person has, or lacks, attendance: what was played when, drawn along the recording, with the reasons. */
export function EvidencePage({ id, person }: PageProps) {
  const w = useWords(review, member);
  const detail = useResource(`/sessions/${id}/credits/${person}`);
  const [offset, setOffset] = useState(0);
  const seen = useResource(`/sessions/${id}/reviews/${person}`, { query: { offset } });
  const reload = () => {
    detail.reload();
    seen.reload();
  };
  return (
    <Page
      title={detail.data?.person.full_name ?? w.evidence.title}
      lead={detail.data && `${detail.data.person.unit.name} · ${detail.data.session.title}`}
      back={{ to: `/can-bo/${id}/danh-sach?don_vi=${detail.data?.person.unit.id ?? ""}`, text: w.creditPeople.title }}
    >
      <Show of={detail}>
        {(data) => (
          <>
            <Verdict data={data} />
            {data.parts.map((part) => (
              <section key={part.part.id} class="card stack">
                <h2 class="with-icon">
                  <Icon name={part.attended ? "check" : "clock"} />
                  {part.part.title}
                </h2>
                <p>{part.reasons.map((reason) => reason.detail).join(" ")}</p>
                {part.evidence.map((piece) => (
                  <EvidenceStrip key={piece.recording_id} evidence={piece} />
                ))}
              </section>
            ))}
            <Show of={seen}>
              {(known) => (
                <>
                  <ReviewDecide data={known} onDone={reload} />
                  <Viewings data={known} shift={setOffset} />
                </>
              )}
            </Show>
          </>
        )}
      </Show>
    </Page>
  );
}

function Verdict({ data }: { data: CreditDetail }) {
  const w = useWords(review, member);
  return (
    <section class="card stack tight">
      <p>
        <CreditTag credited={data.credited} basis={data.basis} />
      </p>
      {data.granted_at && <p>{w.credits.granted(formatMoment(data.granted_at))}</p>}
      {!data.credited && data.reasons.map((reason) => <p key={reason.detail}>{reason.detail}</p>)}
      <p class="quiet small">
        {w.evidence.rule(formatPercent(data.policy.coverage_required), data.policy.version, data.rule_version)}
      </p>
    </section>
  );
}

/** One strip along the recording: solid where it was played, hatched where it is missing. */
function Strip({ covered, length, label }: { covered: Span[]; length: number; label: string }) {
  return (
    <div class="timeline">
      <div class="strip" role="img" aria-label={label}>
        {stripes(covered, length).map((stripe) => (
          <i key={stripe.left} style={{ left: `${stripe.left}%`, width: `${stripe.width}%` }} />
        ))}
      </div>
      <div class="scale number">
        <span>0:00</span>
        <span>{formatPosition(length / 2)}</span>
        <span>{formatPosition(length)}</span>
      </div>
    </div>
  );
}

function EvidenceStrip({ evidence }: { evidence: Evidence }) {
  const w = useWords(review, member);
  const { replay } = useWords(player);
  const length = evidence.length_seconds;
  const covered = gaps(evidence.missing, length);
  const missing = noticeable(evidence.missing);
  const said = missing.length === 0 ? replay.allWatched : replay.missing(formatMinutes(missing).slice(0, 8).join(", "));
  return (
    <div class="stack tight">
      <Strip covered={covered} length={length} label={said} />
      <p>
        {w.missed.watchedOf(formatDuration(evidence.covered_seconds), formatDuration(length))} {said}
      </p>
      <p class="quiet small">
        {evidence.first_watched_at && evidence.last_watched_at && (
          <>{w.evidence.between(formatMoment(evidence.first_watched_at), formatMoment(evidence.last_watched_at))} </>
        )}
        {w.evidence.viewingCount(evidence.viewings)}
        {evidence.prompts_asked > 0 && ` ${w.evidence.prompts(evidence.prompts_answered, evidence.prompts_asked)}`}
      </p>
    </div>
  );
}

function Viewings({ data, shift }: { data: ReviewDetail; shift: (offset: number) => void }) {
  const w = useWords(review);
  const { items, total } = data.viewings;
  return (
    <section class="stack">
      <h2>{w.evidence.viewings}</h2>
      {total === 0 && data.rooms.length === 0 && <Empty title={w.evidence.noViewings} />}
      <ol class="steps">
        {items.map((trace) => (
          <ReviewTrace key={trace.id} trace={trace} />
        ))}
      </ol>
      <Pager shown={items.length} total={total} shift={shift} />
      {data.rooms.length > 0 && (
        <>
          <h2>{w.trace.rooms}</h2>
          <ol class="steps">
            {data.rooms.map((room) => (
              <ReviewRoom key={room.id} room={room} />
            ))}
          </ol>
        </>
      )}
      {data.log_doubts.length > 0 && (
        <>
          <h2>{w.trace.logs}</h2>
          <ul class="stack tight">
            {data.log_doubts.map((one) => (
              <li key={`${one.at} ${one.detail}`}>{w.trace.logLine(formatMoment(one.at), one.detail, one.number)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Steps through very many viewings; most people have a handful, and see none of this. */
function Pager({ shown, total, shift }: { shown: number; total: number; shift: (offset: number) => void }) {
  const w = useWords(review);
  const [offset, setOffset] = useState(0);
  if (total <= VIEWINGS) return null;
  const move = (to: number) => {
    setOffset(to);
    shift(to);
  };
  return (
    <div class="line">
      <Button kind="second" icon="back" disabled={offset === 0} onClick={() => move(Math.max(0, offset - VIEWINGS))}>
        {w.trace.older}
      </Button>
      <Button kind="second" icon="forward" disabled={offset + shown >= total} onClick={() => move(offset + VIEWINGS)}>
        {w.trace.newer}
      </Button>
      <span class="quiet">{w.trace.range(offset + 1, offset + shown, total)}</span>
    </div>
  );
}
