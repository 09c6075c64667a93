import { formatNumber } from "../format";
import { useWords } from "../i18n";
import { Button } from "./show";

/** How much of a long list is shown, and the button for the rest of it. */
export function More({
  shown,
  total,
  moreThan = false,
  onMore,
}: {
  shown: number;
  total: number;
  /** There are more than that; nobody counted on. */
  moreThan?: boolean;
  onMore: () => void;
}) {
  const w = useWords();
  if (shown >= total && !moreThan) return null;
  const whole = formatNumber(total);
  return (
    <div class="line">
      <Button kind="second" icon="down" onClick={onMore}>
        {w.more}
      </Button>
      <span class="quiet">{w.shownOf(formatNumber(shown), moreThan ? w.moreThan(whole) : whole)}</span>
    </div>
  );
}
