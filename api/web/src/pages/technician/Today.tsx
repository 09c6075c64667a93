import { useResource } from "../../api/resource";
import type { SessionRow } from "../../api/types";
import { formatNumber, formatSpan } from "../../format";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { useMe } from "../../login";
import { Icon, type IconName } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Empty, Ghosts, Notice, Show } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";
import { hurry, type NextStep, nextStep, withWaiting } from "./nextStep";
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
          const [first, ...others] = nextFirst(items);
          // One that was called off is told among the others: there is nothing to do for it.
          const [next, later] = first?.cancelled_at ? [undefined, items] : [first, others];
          return (
            <>
              {next ? <NextCard row={next} /> : <NothingAhead />}
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

/** What was called off comes last; where this person has a point comes before where they have none; then by the clock. */
function nextFirst(rows: SessionRow[]): SessionRow[] {
  const soonest = (a: SessionRow, b: SessionRow) => a.starts_at.localeCompare(b.starts_at);
  const rank = (row: SessionRow) => (row.cancelled_at ? 2 : row.my_point ? 0 : 1);
  return [...rows].sort((a, b) => rank(a) - rank(b) || soonest(a, b));
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

function NextCard({ row: given }: { row: SessionRow }) {
  const w = useWords(technician);
  const waiting = useStore(outbox.entries);
  const point = given.my_point && withWaiting(given.my_point, waiting);
  const row = { ...given, my_point: point };
  const now = new Date();
  const step = nextStep(row, now);
  const left = hurry(row, now);
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
      {left !== null && <Notice tone="warn">{w.today.hurry(left)}</Notice>}
      <StepButton row={row} step={step} />
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
          <a class="crumb" href={`/diem-cau/${point.id}/su-co`}>
            <Icon name="warning" />
            {w.today.steps.trouble}
          </a>
        </div>
      )}
    </section>
  );
}

const ICONS: Record<NextStep, IconName> = {
  join: "plus",
  confirm: "check",
  declined: "check",
  wait: "check",
  check: "check",
  fixed: "check",
  count: "people",
  trouble: "warning",
  upload: "upload",
  done: "check",
};
/** Where each step is done, below the point's own address. */
const PLACES: Partial<Record<NextStep, string>> = {
  confirm: "xac-nhan",
  declined: "xac-nhan",
  check: "kiem-tra",
  fixed: "su-co",
  count: "so-dai-bieu",
  trouble: "su-co",
};

function StepButton({ row, step }: { row: SessionRow; step: NextStep }) {
  const w = useWords(technician);
  const place = PLACES[step];
  const links: Partial<Record<NextStep, string>> = {
    join: `/hoi-nghi/${row.id}/them-diem-cau`,
    upload: `/hoi-nghi/${row.id}/tai-len`,
  };
  const link = place ? `/diem-cau/${row.my_point?.id}/${place}` : links[step];
  return (
    <div class="stack tight">
      {link && (
        <a class={`button big ${step === "declined" ? "second" : ""}`} href={link}>
          <Icon name={ICONS[step]} />
          {w.today.steps[step]}
        </a>
      )}
      <p class="quiet small">{w.today.stepHints[step]}</p>
    </div>
  );
}
