import { useResource } from "../../api/resource";
import type { CreditDetail, Evidence, Span, ViewingLine } from "../../api/types";
import type { PageProps } from "../../app";
import { formatDuration, formatMinutes, formatMoment, formatPercent, formatPosition } from "../../format";
import { useWords, type Words } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import { staff } from "../../i18n/vi/staff";
import { Icon } from "../../parts/icons";
import { CreditTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import { gaps, noticeable, stripes, total } from "../../player/covered";
import { deviceOf } from "./deviceOf";
import "./staff.css";

/** Why one person has, or lacks, attendance: what was played when, drawn along the recording, with the reasons. */
export function EvidencePage({ id, person }: PageProps) {
  const w = useWords(staff, member);
  const detail = useResource(`/sessions/${id}/credits/${person}`);
  return (
    <Page
      title={detail.data?.person.full_name ?? w.evidence.title}
      lead={detail.data && `${detail.data.person.unit.name} · ${detail.data.session.title}`}
      back={{ to: `/can-bo/${id}/danh-sach?don_vi=${detail.data?.person.unit.id ?? ""}`, text: w.creditPeople.title }}
      narrow
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
            <Viewings data={data} />
          </>
        )}
      </Show>
    </Page>
  );
}

function Verdict({ data }: { data: CreditDetail }) {
  const w = useWords(staff, member);
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
  const w = useWords(staff, member);
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

function Viewings({ data }: { data: CreditDetail }) {
  const w = useWords(staff, member);
  const inOrder = [...data.viewings].sort((a, b) => a.opened_at.localeCompare(b.opened_at));
  return (
    <section class="stack">
      <h2>{w.evidence.viewings}</h2>
      {inOrder.length === 0 ? (
        <Empty title={w.evidence.noViewings} />
      ) : (
        <ol class="steps">
          {inOrder.map((viewing) => (
            <ViewingStep key={viewing.id} viewing={viewing} parts={data.parts} />
          ))}
        </ol>
      )}
    </section>
  );
}

function ViewingStep({ viewing, parts }: { viewing: ViewingLine; parts: CreditDetail["parts"] }) {
  const w = useWords(staff, member);
  const pieces = parts.flatMap((one) => one.evidence.map((piece) => ({ ...piece, title: one.part.title })));
  const shown = pieces.filter((piece) => piece.recording_id === viewing.recording_id);
  // Evidence comes a moment after the first beats; until then the bar is as long as what was played.
  const length = shown[0]?.length_seconds ?? Math.max(1, ...viewing.covered.map(([, to]) => to));
  return (
    <li class="stack tight">
      <p>
        <strong>
          {formatMoment(viewing.opened_at)}
          {viewing.ended_at && ` – ${formatMoment(viewing.ended_at)}`}
        </strong>
      </p>
      {parts.length > 1 && <p class="small">{shown.map((piece) => piece.title).join(", ")}</p>}
      <Strip covered={viewing.covered} length={length} label={playedWords(viewing, w)} />
      <p>{playedWords(viewing, w)}</p>
      <p class="quiet small">
        {deviceOf(viewing.user_agent, w.evidence.unknownDevice)} · {w.evidence.beats(viewing.beats)}
      </p>
    </li>
  );
}

function playedWords(viewing: ViewingLine, w: Words<typeof staff>): string {
  if (viewing.covered.length === 0) return w.evidence.playedNothing;
  return w.evidence.played(
    formatMinutes(viewing.covered).slice(0, 8).join(", "),
    formatDuration(total(viewing.covered)),
  );
}
