import type { ComponentChildren } from "preact";
import type { Trouble } from "../../api/types";
import { formatDate, formatDuration, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { Tag } from "../../parts/show";

/** One thing that went wrong: what, from when to when, and what was done. */
export function TroubleRow({ trouble, children }: { trouble: Trouble; children?: ComponentChildren }) {
  const w = useWords(before);
  const { began_at, ended_at } = trouble;
  const seconds = ended_at ? (Date.parse(ended_at) - Date.parse(began_at)) / 1000 : 0;
  return (
    <li class="row">
      <div class="grow stack tight">
        {children}
        <div class="line">
          <Tag tone={ended_at ? "plain" : "bad"} icon={ended_at ? "check" : "warning"}>
            {w.trouble.kinds[trouble.kind]}
          </Tag>
          <span>
            {ended_at
              ? w.trouble.lasted(formatTime(began_at), formatTime(ended_at), formatDuration(seconds))
              : w.trouble.since(formatTime(began_at))}
          </span>
        </div>
        {trouble.note && <span>{trouble.note}</span>}
        {trouble.action && <span>→ {trouble.action}</span>}
        <span class="quiet small">
          {formatDate(began_at)} · {w.trouble.reportedBy(trouble.reported_by.full_name)}
        </span>
      </div>
    </li>
  );
}
