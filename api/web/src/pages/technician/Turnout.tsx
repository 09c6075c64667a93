import { useResource } from "../../api/resource";
import type { Session } from "../../api/types";
import { formatDecimal, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";

/** The most and the middle of what was counted at a point, part by part and in all. Nothing counted, nothing shown. */
export function Turnout({ pointId, session }: { pointId: string; session: Session }) {
  const w = useWords(counts);
  const turnout = useResource(`/session-points/${pointId}/turnout`, { keep: true });
  const rows = turnout.data ?? [];
  if (rows.length === 0) return null;
  const lines = [
    ...session.parts.map(({ id, title }) => ({ id: id as string | null, title })),
    { id: null, title: w.peaks.whole },
  ];
  return (
    <section class="stack">
      <h2>{w.peaks.title}</h2>
      <dl class="facts">
        {lines.map(({ id, title }) => {
          const row = rows.find((one) => one.part_id === id);
          return (
            row && (
              <>
                <dt>{title}</dt>
                <dd>
                  {w.peaks.peak} <strong class="number">{formatNumber(row.peak)}</strong> · {w.peaks.median}{" "}
                  <strong class="number">{formatDecimal(row.median)}</strong>
                </dd>
              </>
            )
          );
        })}
      </dl>
    </section>
  );
}
