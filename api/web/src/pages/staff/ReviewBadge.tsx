import { useEffect } from "preact/hooks";
import { useResource } from "../../api/resource";
import { useWords } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { useAddress } from "../../router";
import "./review.css";

const EVERY_MS = 60_000;

/** How much waits for the reader's decision, beside the name of the desk's place. Nothing waiting, nothing shown. */
export function ReviewBadge() {
  const w = useWords(review);
  const { path } = useAddress();
  const waiting = useResource("/reviews/count", { every: () => EVERY_MS });
  useEffect(waiting.reload, [path]);
  const { cases, decisions } = waiting.data ?? { cases: 0, decisions: 0 };
  if (cases + decisions === 0) return null;
  return (
    <span class="count-badge number" title={w.queue.badge(cases, decisions)}>
      {cases + decisions >= 100 ? "99+" : cases + decisions}
      <span class="unseen"> ({w.queue.badge(cases, decisions)})</span>
    </span>
  );
}
