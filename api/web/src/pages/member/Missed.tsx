import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { RecordingRow } from "../../api/types";
import { formatBytes, formatDate, formatDuration, formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Ring } from "../../parts/ring";
import { Empty, Ghosts, Show, Tag } from "../../parts/show";
import { rungsOf, videoCost } from "./costs";
import "./member.css";

/** What this person missed and may make up for, then the rest they may watch. */
export function Missed() {
  const w = useWords(member);
  const [limit, setLimit] = useState(20);
  const missed = useResource("/recordings", { query: { missed: true, limit }, keep: true });
  const others = useResource("/recordings", {
    query: { missed: false, limit: 20 },
    keep: true,
  });
  return (
    <Page title={w.missed.title} lead={w.missed.lead}>
      <Show of={missed} ghosts={<Ghosts count={2} height={190} />}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.missed.none}>
              <p class="quiet">{w.missed.noneHint}</p>
              <p>
                <a class="button second" href="/cong-nhan">
                  <Icon name="award" />
                  {w.nav.credits}
                </a>
              </p>
            </Empty>
          ) : (
            <>
              <Cards rows={items} />
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 50)} />
            </>
          )
        }
      </Show>
      {missed.data && others.data && others.data.items.length > 0 && (
        <section class="stack">
          <h2>{w.missed.others}</h2>
          <Cards rows={others.data.items} />
        </section>
      )}
    </Page>
  );
}

function Cards({ rows }: { rows: RecordingRow[] }) {
  return (
    <ul class="cards">
      {rows.map((row) => (
        <li key={row.id}>
          <RecordingCard row={row} />
        </li>
      ))}
    </ul>
  );
}

function RecordingCard({ row }: { row: RecordingRow }) {
  const w = useWords(member);
  const watched = formatDuration(row.covered_ratio * row.duration_seconds);
  const whole = formatDuration(row.duration_seconds);
  const slides = row.modes.find((mode) => mode.mode === "slides");
  const rungs = rungsOf(row.modes);
  return (
    <a class="card missed-card" href={`/xem-lai/${row.id}`}>
      <Ring ratio={row.covered_ratio} label={w.missed.watchedOf(watched, whole)} />
      <div class="stack tight">
        <h2>{row.session.title}</h2>
        <p class="small">
          {row.part && `${row.part.title} · `}
          {formatDate(row.session.starts_at)}
        </p>
        <p class="small quiet">{row.covered_ratio > 0 ? w.missed.watchedOf(watched, whole) : w.missed.lasts(whole)}</p>
        <p class="line">
          {row.credited ? (
            <Tag tone="good">{w.credited}</Tag>
          ) : row.session.cancelled_at ? (
            <Tag tone="bad" icon="cross">
              {w.cancelled} {formatDate(row.session.cancelled_at)}
            </Tag>
          ) : (
            row.missed && row.replay_until && <Deadline until={row.replay_until} />
          )}
        </p>
        <ul class="small">
          {slides && (
            <li class="with-icon">
              <Icon name="slides" />
              {w.watchModes.slides}: {w.missed.about(formatBytes(slides.bytes))}
            </li>
          )}
          {rungs.length > 0 && (
            <li class="with-icon">
              <Icon name="video" />
              {w.watchModes.video}: {videoCost(w, rungs)}
            </li>
          )}
        </ul>
        <span class="button second">
          <Icon name="play" />
          {w.missed.watch}
        </span>
      </div>
    </a>
  );
}

const DAY_MS = 24 * 3_600_000;

function Deadline({ until }: { until: string }) {
  const w = useWords(member);
  const left = new Date(until).getTime() - Date.now();
  if (left < 0) return <Tag tone="bad">{w.missed.late(formatDate(until))}</Tag>;
  const days = Math.floor(left / DAY_MS);
  return (
    <Tag tone={days < 3 ? "warn" : "plain"} icon="clock">
      {days < 1 ? w.missed.untilMoment(formatMoment(until)) : w.missed.until(formatDate(until), days)}
    </Tag>
  );
}
