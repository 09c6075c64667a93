import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { PointState, SessionRow } from "../../api/types";
import { formatNumber, formatSpan } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { useMe } from "../../login";
import { Icon, type IconName } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Ghosts, Show } from "../../parts/show";
import { type NextStep, nextStep } from "./nextStep";
import { SessionRows } from "./SessionRows";

/** The technician's home: the next conference as one card, with the one thing to do. */
export function Today() {
  const w = useWords(technician);
  const me = useMe();
  const upcoming = useResource("/sessions", {
    query: { when: "upcoming", limit: 10 },
    keep: true,
  });
  const past = useResource("/sessions", { query: { when: "past", limit: 3 }, keep: true });
  return (
    <Page title={w.today.title} lead={me?.person.unit.name}>
      <Show of={upcoming} ghosts={<Ghosts count={1} height={300} />}>
        {({ items }) => {
          const [next, ...later] = nextFirst(items);
          return (
            <>
              {next ? <NextCard row={next} onChange={upcoming.reload} /> : <NothingAhead />}
              {later.length > 0 && <SessionRows title={w.today.later} rows={later} />}
            </>
          );
        }}
      </Show>
      {upcoming.data && past.data && past.data.items.length > 0 && (
        <SessionRows title={w.today.past} rows={past.data.items} />
      )}
    </Page>
  );
}

/** Where this person has a point comes before where they have none; then by the clock. */
function nextFirst(rows: SessionRow[]): SessionRow[] {
  const soonest = (a: SessionRow, b: SessionRow) => a.starts_at.localeCompare(b.starts_at);
  return [...rows].sort((a, b) => Number(!a.my_point) - Number(!b.my_point) || soonest(a, b));
}

function NothingAhead() {
  const w = useWords(technician);
  return (
    <Empty title={w.today.nothing}>
      <p class="quiet">{w.today.nothingHint}</p>
      <p>
        <a class="button" href="/hoi-nghi/moi">
          <Icon name="plus" />
          {w.conference.create}
        </a>
      </p>
    </Empty>
  );
}

function NextCard({ row, onChange }: { row: SessionRow; onChange: () => void }) {
  const w = useWords(technician);
  const point = row.my_point;
  const step = nextStep(row, new Date());
  return (
    <section class="card stack" aria-labelledby="next">
      <div class="stack tight">
        <p class="quiet small">{w.today.next}</p>
        <h2 id="next">
          <a class="crumb" href={`/hoi-nghi/${row.id}`}>
            {row.title}
          </a>
        </h2>
        <p class="with-icon">
          <Icon name="clock" />
          {formatSpan(row.starts_at, row.ends_at)}
        </p>
        {point && (
          <p class="with-icon">
            <Icon name="room" />
            <span>
              {point.point.name}, {point.point.address}
            </span>
          </p>
        )}
      </div>
      {point && (
        <div class="line">
          <PointTag state={point.state} />
          {point.latest ? (
            <span>{w.today.counted(formatNumber(point.latest.present), point.expected_count)}</span>
          ) : (
            point.expected_count !== null && <span>{w.today.expected(formatNumber(point.expected_count))}</span>
          )}
        </div>
      )}
      <StepButton row={row} step={step} onChange={onChange} />
      {point && (
        <div class="line">
          <a class="crumb" href={`/diem-cau/${point.id}`}>
            <Icon name="room" />
            {w.today.openPoint}
          </a>
          <a class="crumb" href={`/diem-cau/${point.id}/diem-danh`}>
            <Icon name="people" />
            {w.roster.title}
          </a>
        </div>
      )}
    </section>
  );
}

const ICONS: Record<NextStep, IconName> = {
  join: "plus",
  confirm: "check",
  wait: "check",
  ready: "check",
  fixed: "check",
  count: "people",
  upload: "upload",
  done: "check",
};

function StepButton({ row, step, onChange }: { row: SessionRow; step: NextStep; onChange: () => void }) {
  const w = useWords(technician);
  const action = useAction();
  const point = row.my_point;
  const report = (state: PointState) =>
    action.run(async () => {
      await post(`/session-points/${point?.id}/state`, { state });
      onChange();
    });
  const changes: Partial<Record<NextStep, PointState>> = { confirm: "confirmed", ready: "ready", fixed: "ready" };
  const links: Partial<Record<NextStep, string>> = {
    join: `/hoi-nghi/${row.id}/them-diem-cau`,
    count: `/diem-cau/${point?.id}/so-dai-bieu`,
    upload: `/hoi-nghi/${row.id}/tai-len`,
  };
  const state = changes[step];
  const link = links[step];
  return (
    <div class="stack tight">
      <Failure error={action.error} />
      {state && (
        <Button kind="big" icon={ICONS[step]} busy={action.busy} onClick={() => void report(state)}>
          {w.today.steps[step]}
        </Button>
      )}
      {link && (
        <a class="button big" href={link}>
          <Icon name={ICONS[step]} />
          {w.today.steps[step]}
        </a>
      )}
      <p class="quiet small">{w.today.stepHints[step]}</p>
    </div>
  );
}
