import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { get, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { GroupReplay, RoomShare } from "../../api/types";
import { formatDuration, formatMoment, formatPercent, formatPosition } from "../../format";
import { type Heard, secondsLeft } from "../../group/codes";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { Field } from "../../parts/form";
import { Button, Empty, Failure, Notice, Show, Tag } from "../../parts/show";

/** The end of a group replay: the proctor's statement, and then what everybody got. */
export function Signing({ heard, onNews }: { heard: Heard; onNews: (room: GroupReplay) => void }) {
  const w = useWords(roomWords);
  const { room } = heard;
  const [statement, setStatement] = useState(w.sign.given);
  const action = useAction();
  const sign = () =>
    action.run(async () => {
      await post(`/group-replays/${room.id}/sign`, { statement });
      onNews(await get(`/group-replays/${room.id}`));
    });
  if (room.signed_at !== null) return <Results room={room} />;
  const left = secondsLeft(heard, performance.now());
  return (
    <section class="card stack" aria-labelledby="sign">
      <h2 id="sign">{w.sign.title}</h2>
      <p>{w.sign.lead}</p>
      {left > 0 && <Notice tone="warn">{w.sign.wait(formatPosition(left))}</Notice>}
      <Field label={w.sign.statement}>
        {(given) => (
          <textarea
            class="box"
            rows={3}
            maxLength={300}
            required
            value={statement}
            onInput={(event) => setStatement(event.currentTarget.value)}
            {...given}
          />
        )}
      </Field>
      <Failure error={action.error} />
      <Button kind="big" icon="check" busy={action.busy} disabled={statement.trim() === ""} onClick={() => void sign()}>
        {w.sign.sign}
      </Button>
    </section>
  );
}

function Results({ room }: { room: GroupReplay }) {
  const w = useWords(roomWords);
  const shares = useResource(`/group-replays/${room.id}/shares`);
  return (
    <section class="stack" aria-labelledby="results">
      <Notice tone="good">
        <p>{w.sign.signed(room.signed_by ?? "", formatMoment(room.signed_at ?? ""))}</p>
        <p>“{room.statement}”</p>
      </Notice>
      <h2 id="results">{w.sign.results}</h2>
      <Show of={shares} within>
        {(found) =>
          found.length === 0 ? (
            <Empty title={w.sign.nobody} />
          ) : (
            <ul class="rows">
              {found.map((share) => (
                <li key={share.person.id} class="row room-line">
                  <span class="grow stack tight">
                    <strong>{share.person.full_name}</strong>
                    <small class="quiet">{share.person.unit.name}</small>
                  </span>
                  <span>{w.sign.saw(formatDuration(share.covered_seconds), formatPercent(share.covered_ratio))}</span>
                  <Outcome share={share} />
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </section>
  );
}

function Outcome({ share }: { share: RoomShare }) {
  const w = useWords(roomWords);
  if (share.credited) return <Tag tone="good">{w.sign.credited}</Tag>;
  return share.doubts.length > 0 ? <Tag tone="warn">{w.sign.review}</Tag> : <Tag tone="plain">{w.sign.short}</Tag>;
}
