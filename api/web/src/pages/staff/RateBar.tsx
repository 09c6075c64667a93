import { formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { staff } from "../../i18n/vi/staff";

/** A unit's rate with the target as a line across it. Whether it is met is said by shape and word, not by colour alone. */
export function RateBar({ rate, target }: { rate: number | null; target: number }) {
  const w = useWords(staff);
  if (rate === null) return <span class="quiet">{w.participation.noRate}</span>;
  const met = rate >= target;
  return (
    <div>
      <span>
        {formatPercent(rate)} <span class="small">{met ? w.participation.met : w.participation.notMet}</span>
      </span>
      <div class={`target-bar ${met ? "met" : ""}`} aria-hidden="true">
        <i style={{ width: `${Math.min(100, rate * 100)}%` }} />
        <b style={{ left: `${target * 100}%` }} />
      </div>
    </div>
  );
}
