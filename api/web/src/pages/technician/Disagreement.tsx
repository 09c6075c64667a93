import type { Headcount } from "../../api/types";
import { formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { Notice } from "../../parts/show";

/** Two people wrote different numbers without knowing of each other: both stand here until one of them settles it. */
export function Disagreement({ counted }: { counted: Headcount[] }) {
  const w = useWords(counts);
  return (
    <Notice tone="warn" icon="warning">
      <p>
        <strong>{w.disagree}</strong>
      </p>
      <ul>
        {counted.map((count) => (
          <li key={count.id}>
            {w.said(formatNumber(count.present), count.recorded_by.full_name, formatMoment(count.counted_at))}
            {count.reason && ` (${count.reason})`}
          </li>
        ))}
      </ul>
      <p>{w.disagreeHint}</p>
    </Notice>
  );
}
