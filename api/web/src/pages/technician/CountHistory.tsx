import type { Headcount, Session, SessionPointDetail } from "../../api/types";
import { formatDuration, formatMoment, formatNumber } from "../../format";
import { useWords, type Words } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { technician } from "../../i18n/vi/technician";
import { Icon } from "../../parts/icons";
import { Empty, Tag } from "../../parts/show";
import { Disagreement } from "./Disagreement";
import "./technician.css";

/** Everything ever counted at a point, the newest first: what holds, what was set aside by whom and why. */
export function CountHistory({ point, session }: { point: SessionPointDetail; session: Session | null }) {
  const w = useWords(technician, counts);
  const byId = new Map(point.headcounts.map((count) => [count.id, count]));
  const contrary = point.disagreements.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
  return (
    <section class="stack">
      <h2>{w.point.history}</h2>
      {contrary.map((counted) => (
        <Disagreement key={counted[0]?.id} counted={counted} />
      ))}
      {point.headcounts.length === 0 ? (
        <Empty title={w.point.noCounts}>
          <p class="quiet">{w.point.noCountsHint}</p>
        </Empty>
      ) : (
        <ol class="rows">
          {point.headcounts.map((count) => (
            <Line key={count.id} count={count} all={byId} session={session} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Line({ count, all, session }: { count: Headcount; all: Map<string, Headcount>; session: Session | null }) {
  const w = useWords(technician, counts);
  const part = session?.parts.find((one) => one.id === count.part_id)?.title ?? "";
  const instead = count.superseded_by ? all.get(count.superseded_by) : undefined;
  const wasCorrected = [...all.values()].some((other) => other.superseded_by === count.id);
  return (
    <li class="row">
      <strong class={`number counted ${instead ? "set-aside" : ""}`}>{formatNumber(count.present)}</strong>
      <div class="grow">
        {part}, {w.moments[count.moment].toLowerCase()}
        <div class="quiet small">
          {[formatMoment(count.counted_at), count.recorded_by.full_name, ...extras(count, w)].join(" · ")}
        </div>
        {count.clock_ahead !== null && (
          <div class="small with-icon">
            <Icon name="clock" />
            {clockNote(count.clock_ahead, w)}
          </div>
        )}
        {count.reason && <div class="small">{w.point.reason(count.reason)}</div>}
        {instead && (
          <div class="small with-icon">
            <Icon name="retry" />
            {w.history.corrected(formatNumber(instead.present), instead.recorded_by.full_name)}
          </div>
        )}
      </div>
      {!instead && wasCorrected && (
        <Tag tone="good" icon="check">
          {w.history.holds}
        </Tag>
      )}
    </li>
  );
}

function clockNote(ahead: number, w: Words<typeof counts>): string {
  const off = formatDuration(Math.abs(ahead));
  return ahead > 0 ? w.history.fast(off) : w.history.slow(off);
}

function extras(count: Headcount, w: Words<typeof technician>): string[] {
  return (["excused", "absent", "late"] as const)
    .filter((kind) => count[kind] > 0)
    .map((kind) => `${w.count[kind].toLowerCase()} ${formatNumber(count[kind])}`);
}
