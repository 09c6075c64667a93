import type { SessionRow } from "../../api/types";
import { formatMoment, formatNumber, formatTime, formatWeekday } from "../../format";
import { useWords, type Words } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { Icon } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Tag } from "../../parts/show";

export function SessionRows({
  title,
  rows,
  base = "/hoi-nghi",
}: {
  title?: string;
  rows: SessionRow[];
  base?: string;
}) {
  return (
    <section class="stack">
      {title && <h2>{title}</h2>}
      <ul class="rows">
        {rows.map((row) => (
          <li key={row.id}>
            <a href={`${base}/${row.id}`}>
              <SessionSummary row={row} />
              <Icon name="forward" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SessionSummary({ row }: { row: SessionRow }) {
  const w = useWords(technician);
  return (
    <div class="grow stack tight">
      <span class="title">{row.title}</span>
      <span>
        {formatTime(row.starts_at)}, {formatWeekday(row.starts_at)}
      </span>
      <span class="quiet small">
        {row.unit.name} · {w.conference.pointCount(formatNumber(row.points))}
        {presentWords(row, w)}
      </span>
      {(row.cancelled_at || row.my_point) && (
        <span>
          {row.cancelled_at ? (
            <>
              <Tag tone="bad" icon="cross">
                {w.cancelled}
              </Tag>{" "}
              <span class="small">
                {formatMoment(row.cancelled_at)}
                {row.cancelled_reason && ` · ${row.cancelled_reason}`}
              </span>
            </>
          ) : (
            row.my_point && <PointTag state={row.my_point.state} />
          )}
        </span>
      )}
    </div>
  );
}

function presentWords(row: SessionRow, w: Words<typeof technician>): string {
  if (row.present === 0) return "";
  const present = formatNumber(row.present);
  return ` · ${row.expected > 0 ? w.conference.presentOf(present, formatNumber(row.expected)) : w.conference.presentCount(present)}`;
}
