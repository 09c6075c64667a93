import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Headcount, PointState, Session, SessionPointDetail } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment, formatNumber } from "../../format";
import { useWords, type Words } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { Icon, type IconName } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Show } from "../../parts/show";

/** One point at one conference: its state, its numbers and their whole history. */
export function Point({ id }: PageProps) {
  const w = useWords(technician);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  return (
    <Page
      title={point.data?.point.name ?? w.point.title}
      lead={session.data?.title ?? null}
      back={{ to: sessionId ? `/hoi-nghi/${sessionId}` : "/hoi-nghi", text: w.conference.one }}
      narrow
    >
      <Show of={point}>
        {(data) => (
          <>
            <Facts point={data} />
            {data.can_count && <States point={data} onChange={point.reload} />}
            <History point={data} session={session.data} />
          </>
        )}
      </Show>
    </Page>
  );
}

function Facts({ point }: { point: SessionPointDetail }) {
  const w = useWords(technician);
  return (
    <section class="card stack">
      <div class="line">
        <PointTag state={point.state} />
        <span class="quiet small">{w.point.since(formatMoment(point.state_at))}</span>
      </div>
      <dl class="facts">
        <dt>{w.unit}</dt>
        <dd>{point.unit.name}</dd>
        <dt>{w.newRoom.address}</dt>
        <dd>{point.point.address}</dd>
        <dt>{w.conference.expected}</dt>
        <dd>{point.expected_count === null ? w.point.noExpected : formatNumber(point.expected_count)}</dd>
        {point.technician && (
          <>
            <dt>{w.newRoom.technician}</dt>
            <dd>{point.technician.full_name}</dd>
          </>
        )}
      </dl>
      {point.can_count && (
        <div class="stack tight">
          <a class="button big" href={`/diem-cau/${point.id}/so-dai-bieu`}>
            <Icon name="people" />
            {w.count.title}
          </a>
          <a class="button second" href={`/diem-cau/${point.id}/diem-danh`}>
            <Icon name="check" />
            {w.roster.title}
          </a>
        </div>
      )}
    </section>
  );
}

const STEPS: [PointState, IconName][] = [
  ["confirmed", "check"],
  ["ready", "check"],
  ["connected", "link"],
  ["trouble", "warning"],
  ["closed", "door"],
];

function States({ point, onChange }: { point: SessionPointDetail; onChange: () => void }) {
  const w = useWords(technician);
  const action = useAction();
  const report = (state: PointState) =>
    void action.run(async () => {
      await post(`/session-points/${point.id}/state`, { state });
      onChange();
    });
  return (
    <section class="stack">
      <h2>{w.point.report}</h2>
      <Failure error={action.error} />
      <div class="line">
        {STEPS.filter(([state]) => state !== point.state).map(([state, icon]) => (
          <Button
            key={state}
            kind={state === "trouble" ? "danger" : "second"}
            icon={icon}
            busy={action.busy}
            onClick={() => report(state)}
          >
            {w.pointStates[state]}
          </Button>
        ))}
      </div>
    </section>
  );
}

function History({ point, session }: { point: SessionPointDetail; session: Session | null }) {
  const w = useWords(technician);
  const partOf = (count: Headcount) => session?.parts.find((part) => part.id === count.part_id)?.title ?? "";
  return (
    <section class="stack">
      <h2>{w.point.history}</h2>
      {point.headcounts.length === 0 ? (
        <Empty title={w.point.noCounts}>
          <p class="quiet">{w.point.noCountsHint}</p>
        </Empty>
      ) : (
        <ol class="rows">
          {point.headcounts.map((count) => (
            <li key={count.id} class="row">
              <strong class="number" style={{ minWidth: "3.5rem", fontSize: "1.3rem" }}>
                {formatNumber(count.present)}
              </strong>
              <div class="grow">
                {partOf(count)}, {w.moments[count.moment].toLowerCase()}
                <div class="quiet small">
                  {formatMoment(count.counted_at)} · {count.recorded_by.full_name}
                  {extras(count, w).map((text) => ` · ${text}`)}
                </div>
                {count.reason && <div class="small">{w.point.reason(count.reason)}</div>}
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function extras(count: Headcount, w: Words<typeof technician>): string[] {
  return (["excused", "absent", "late"] as const)
    .filter((kind) => count[kind] > 0)
    .map((kind) => `${w.count[kind].toLowerCase()} ${formatNumber(count[kind])}`);
}
