import { useEffect } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { PointState, SessionPointDetail } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { technician } from "../../i18n/vi/technician";
import { Icon, type IconName } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Failure, Show } from "../../parts/show";
import { CountHistory } from "./CountHistory";
import { Handover } from "./Handover";
import { keepForLater } from "./keepForLater";
import { Photos } from "./Photos";
import { Turnout } from "./Turnout";

/** One point at one conference: its state, its numbers and their whole history. */
export function Point({ id }: PageProps) {
  const w = useWords(technician);
  const point = useResource(`/session-points/${id}`, { keep: true });
  const sessionId = point.data?.session_id;
  const session = useResource(sessionId ? `/sessions/${sessionId}` : null, { keep: true });
  useEffect(() => {
    if (point.data?.can_count && !point.seenAt && session.data) void keepForLater(point.data, session.data);
  }, [point.data?.id, session.data?.id]);
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
            <CountHistory point={data} session={session.data} />
            {session.data && <Turnout key={data.headcounts.length} pointId={data.id} session={session.data} />}
            {data.can_count && <Photos pointId={data.id} session={session.data} />}
            {data.can_count && <Handover pointId={data.id} />}
          </>
        )}
      </Show>
    </Page>
  );
}

function Facts({ point }: { point: SessionPointDetail }) {
  const w = useWords(technician, doors);
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
          <a class="button second" href={`/diem-cau/${point.id}/ma-diem-danh`}>
            <Icon name="phone" />
            {w.screen.title}
          </a>
          <a class="button second" href={`/hoi-nghi/${point.session_id}/tai-lieu`}>
            <Icon name="file" />
            {w.screen.documents}
          </a>
        </div>
      )}
    </section>
  );
}

/** What is said with a button alone; the rest has a page that asks for more. */
const STEPS: [PointState, IconName][] = [
  ["connected", "link"],
  ["closed", "door"],
];
const PAGES = [
  ["xac-nhan", "calendar", "confirm"],
  ["kiem-tra", "gauge", "check"],
  ["su-co", "warning", "trouble"],
] as const;

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
        {PAGES.map(([place, icon, step]) => (
          <a key={place} class="button second" href={`/diem-cau/${point.id}/${place}`}>
            <Icon name={icon} />
            {w.today.steps[step]}
          </a>
        ))}
        {STEPS.filter(([state]) => state !== point.state).map(([state, icon]) => (
          <Button key={state} kind="second" icon={icon} busy={action.busy} onClick={() => report(state)}>
            {w.pointStates[state]}
          </Button>
        ))}
      </div>
    </section>
  );
}
