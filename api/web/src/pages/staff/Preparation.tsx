import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Preparation, PreparationRow, Stage } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { CalledOff } from "../../parts/calledOff";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Ghosts, Notice, Show } from "../../parts/show";
import { lineWords } from "../technician/LineTest";

const STAGES: Stage[] = ["unanswered", "unchecked", "unready", "trouble", "declined", "ready"];
const MINUTE_MS = 60_000;
const REFRESH_MS = 30_000;
/** From this long before the start, silence is worth a call. */
const URGENT_MINUTES = 60;

/** Who of the points has not answered or checked, what does not work, and whom to call. */
export function PreparationPage({ id }: PageProps) {
  const w = useWords(before);
  const session = useResource(`/sessions/${id}`, { keep: true });
  const preparation = useResource(`/sessions/${id}/preparation`, { every: () => REFRESH_MS });
  const [chosen, setChosen] = useState<Stage | null>(null);
  return (
    <Page
      title={w.preparation.title}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}`, text: w.nav.conferences }}
    >
      <Show of={preparation} ghosts={<Ghosts count={3} height={120} />}>
        {(data) => {
          const stage = chosen ?? STAGES.find((one) => data.counts[one] > 0) ?? "ready";
          return (
            <>
              {session.data?.cancelled_at ? <CalledOff session={session.data} /> : <Silent preparation={data} />}
              <Choice
                across
                label={w.preparation.stage}
                value={stage}
                onValue={setChosen}
                options={STAGES.map((value) => ({
                  value,
                  text: w.preparation.stages[value],
                  more: formatNumber(data.counts[value]),
                }))}
              />
              <Points key={stage} sessionId={id} stage={stage} />
              <p>
                <a class="crumb" href={`/hoi-nghi/${id}/su-co`}>
                  <Icon name="warning" />
                  {w.trouble.all}
                </a>
              </p>
            </>
          );
        }}
      </Show>
    </Page>
  );
}

function Silent({ preparation: { counts, starts_at, opens_at } }: { preparation: Preparation }) {
  const w = useWords(before);
  const minutes = Math.ceil((Date.parse(starts_at) - Date.now()) / MINUTE_MS);
  if (minutes > URGENT_MINUTES) return <p class="quiet">{w.preparation.checkOpens(formatMoment(opens_at))}</p>;
  if (minutes < 0 || counts.unanswered + counts.unchecked === 0) return null;
  return (
    <Notice tone="warn">
      {w.preparation.silent(minutes, formatNumber(counts.unanswered), formatNumber(counts.unchecked))}
    </Notice>
  );
}

function Points({ sessionId, stage }: { sessionId: string; stage: Stage }) {
  const w = useWords(before);
  const [limit, setLimit] = useState(50);
  const points = useResource(`/sessions/${sessionId}/preparation/points`, {
    query: { stage, limit },
    every: () => REFRESH_MS,
  });
  return (
    <Show of={points}>
      {({ items, total }) =>
        total === 0 ? (
          <Empty title={w.preparation.none} />
        ) : (
          <>
            <ul class="rows">
              {items.map((row) => (
                <PointRow key={row.point.id} row={row} />
              ))}
            </ul>
            <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
          </>
        )
      }
    </Show>
  );
}

function PointRow({ row: { point, reason, checked_at, line, faults, phone } }: { row: PreparationRow }) {
  const w = useWords(before);
  return (
    <li class="row">
      <div class="grow stack tight">
        <a class="crumb" href={`/diem-cau/${point.id}`}>
          {point.point.name}
        </a>
        <span class="quiet small">{point.unit.name}</span>
        <span>{point.technician ? w.preparation.call(point.technician.full_name) : w.preparation.nobody}</span>
        {phone && (
          <a class="crumb number" href={`tel:${phone}`}>
            <Icon name="phone" />
            {phone}
          </a>
        )}
        {reason && <span>{w.preparation.why(reason)}</span>}
        {faults.map((item) => (
          <span key={item.item}>
            {w.check.items[item.item]}: {item.note}
          </span>
        ))}
        {checked_at && (
          <span class="quiet small">
            {w.preparation.checked(formatMoment(checked_at))}
            {line && ` · ${lineWords(line, w)}`}
          </span>
        )}
      </div>
    </li>
  );
}
