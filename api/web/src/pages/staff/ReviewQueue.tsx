import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { ReviewCase } from "../../api/types";
import { formatDate } from "../../format";
import { useWords } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show, Tag } from "../../parts/show";
import { setQuery, useAddress } from "../../router";
import { ReviewSecond } from "./ReviewSecond";
import "./review.css";

type Which = "all" | "doubtful" | "short";

/** What waits for the reader: cases to decide, and decisions of others to confirm. */
export function ReviewQueue() {
  const w = useWords(review);
  const session = useAddress().query.get("hoi_nghi");
  const [which, setWhich] = useState<Which>("all");
  const [limit, setLimit] = useState(50);
  const cases = useResource("/reviews", { query: { session_id: session, which, limit } });
  return (
    <Page title={w.queue.title} lead={w.queue.lead}>
      {session && (
        <p class="line">
          <span class="quiet">{w.queue.ofSession}</span>
          <button type="button" class="button plain" onClick={() => setQuery("hoi_nghi", null)}>
            {w.queue.allSessions}
          </button>
        </p>
      )}
      <ReviewSecond session={session} />
      <Choice
        across
        label={w.queue.which}
        value={which}
        onValue={setWhich}
        options={[
          { value: "all", text: w.queue.all },
          { value: "doubtful", text: w.queue.doubtful },
          { value: "short", text: w.queue.short },
        ]}
      />
      <Show of={cases}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={w.queue.none}>
              <p class="quiet">{w.queue.noneHint}</p>
            </Empty>
          ) : (
            <>
              <ul class="rows">
                {items.map((one) => (
                  <CaseLine key={`${one.session.id} ${one.person.id}`} one={one} />
                ))}
              </ul>
              <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function CaseLine({ one }: { one: ReviewCase }) {
  const w = useWords(review);
  return (
    <li>
      <a href={`/can-bo/${one.session.id}/nguoi/${one.person.id}`}>
        <div class="grow stack tight">
          <span class="title">{one.person.full_name}</span>
          <span class="quiet small">
            {one.person.unit.name} · {one.session.title} · {w.queue.until(formatDate(one.replay_until))}
          </span>
          {one.reasons.map((reason) => (
            <span key={reason}>{reason}</span>
          ))}
          <span class="line">
            <CaseTags one={one} />
          </span>
        </div>
        <Icon name="forward" />
      </a>
    </li>
  );
}

function CaseTags({ one }: { one: ReviewCase }) {
  const w = useWords(review);
  return (
    <>
      {one.ready && !one.own && <Tag tone="plain">{w.queue.ready}</Tag>}
      {one.doubtful && (
        <Tag tone="bad" icon="warning">
          {w.queue.isDoubtful}
        </Tag>
      )}
      {one.short && <Tag tone="warn">{w.queue.isShort}</Tag>}
      {one.decided_before && (
        <Tag tone="plain" icon="retry">
          {w.queue.again}
        </Tag>
      )}
      {one.own && (
        <Tag tone="plain" icon="person">
          {w.queue.own}
        </Tag>
      )}
    </>
  );
}
