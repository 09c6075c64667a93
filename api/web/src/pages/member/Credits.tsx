import { useResource } from "../../api/resource";
import type { MyCredit } from "../../api/types";
import { formatDate, formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { Icon } from "../../parts/icons";
import { CreditTag } from "../../parts/labels";
import { Page } from "../../parts/page";
import { Empty, Show, Tag } from "../../parts/show";

/** The person's own attendance, with the reasons in sentences. */
export function Credits() {
  const w = useWords(member);
  const credits = useResource("/my/credits", { keep: true });
  return (
    <Page title={w.credits.title} lead={w.credits.lead} narrow>
      <Show of={credits}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={w.credits.none}>
              <p class="quiet">{w.credits.noneHint}</p>
            </Empty>
          ) : (
            <ul class="stack">
              {list.map((credit) => (
                <li key={credit.session.id} class="card">
                  <CreditCard credit={credit} />
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function CreditCard({ credit }: { credit: MyCredit }) {
  const w = useWords(member);
  const off = credit.credited ? null : credit.cancelled_at;
  const ahead = !off && !credit.credited && new Date(credit.session.starts_at).getTime() > Date.now();
  // Neither of what lies ahead nor of what was called off is anything missing.
  const due = !off && !ahead;
  return (
    <div class="stack">
      <div class="stack tight">
        <div class="line apart">
          {off ? (
            <Tag tone="bad" icon="cross">
              {w.cancelled}
            </Tag>
          ) : ahead ? (
            <Tag tone="plain" icon="calendar">
              {w.credits.ahead}
            </Tag>
          ) : (
            <CreditTag credited={credit.credited} basis={credit.basis} />
          )}
          <span class="quiet small">{formatDate(credit.session.starts_at)}</span>
        </div>
        <h2>{credit.session.title}</h2>
        {off && (
          <p>
            {formatMoment(off)}
            {credit.cancelled_reason && ` · ${credit.cancelled_reason}`}
          </p>
        )}
        {credit.granted_at && <p class="quiet small">{w.credits.granted(formatMoment(credit.granted_at))}</p>}
      </div>
      <ul class="stack tight">
        {credit.parts.map((part) => (
          <li key={part.part.id} class="with-icon">
            <Icon name={part.attended ? "check" : due ? "clock" : "calendar"} />
            <span>
              <strong>{part.part.title}</strong>
              {due && `: ${part.reasons.map((reason) => reason.detail).join(" ") || w.notCredited}`}
            </span>
          </li>
        ))}
      </ul>
      {!credit.credited && due && (
        <p>
          <a class="crumb" href="/xem-lai">
            <Icon name="play" />
            {w.credits.makeUp}
          </a>
        </p>
      )}
    </div>
  );
}
