import { formatNumber } from "../format";
import { useWords } from "../i18n";
import { Button } from "./show";

/** How much of a long list is shown, and the button for the rest of it. */
export function More({ shown, total, onMore }: { shown: number; total: number; onMore: () => void }) {
  const w = useWords();
  if (shown >= total) return null;
  return (
    <div class="line">
      <Button kind="second" icon="down" onClick={onMore}>
        {w.more}
      </Button>
      <span class="quiet">{w.shownOf(formatNumber(shown), formatNumber(total))}</span>
    </div>
  );
}
