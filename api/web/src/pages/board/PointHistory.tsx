import { useEffect, useRef } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { PointEvent, PointHistoryView } from "../../api/types";
import { formatDate, formatDuration, formatNumber, formatTime } from "../../format";
import { useWords, type Words } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon, type IconName } from "../../parts/icons";
import { PointTag } from "../../parts/labels";
import { Show } from "../../parts/show";
import { setQuery } from "../../router";
import { STATE_ICONS } from "./looks";

const EVERY_MS = 10_000;
/** What was told later than this after it was so has waited for a link. */
const WAITED_SECONDS = 90;

/** What happened at one point, beside the board that goes on. */
export function PointHistory({ id }: { id: string }) {
  const w = useWords(board);
  const dialog = useRef<HTMLDialogElement>(null);
  const found = useResource(`/session-points/${id}/history`, { every: () => EVERY_MS });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="point-history" aria-labelledby="dien-bien" onClose={() => setQuery("diem", null)}>
      <div class="stack">
        <div class="line apart top-line">
          <h2 id="dien-bien">{found.data?.point.point.name ?? w.history.title}</h2>
          <button type="button" class="button second" onClick={() => dialog.current?.close()}>
            <Icon name="cross" />
            {w.history.close}
          </button>
        </div>
        <Show of={found}>{(data) => <Told data={data} />}</Show>
      </div>
    </dialog>
  );
}

function Told({ data: { point, events } }: { data: PointHistoryView }) {
  const w = useWords(board);
  return (
    <>
      <p class="line">
        <PointTag state={point.state} />
        <span>{point.unit.name}</span>
      </p>
      <p class="with-icon">
        <Icon name="person" />
        {point.technician ? `${w.history.technician}: ${point.technician.full_name}` : w.history.noTechnician}
      </p>
      {events.length === 0 ? (
        <p class="quiet">{w.history.none}</p>
      ) : (
        <ol class="told">
          {events.map((event, place) => (
            // Of two things told in one instant neither has a name of its own.
            <Line key={`${event.kind} ${event.at} ${place}`} event={event} />
          ))}
        </ol>
      )}
      <a class="button second" href={`/diem-cau/${point.id}`}>
        <Icon name="forward" />
        {w.history.openPoint}
      </a>
    </>
  );
}

function Line({ event }: { event: PointEvent }) {
  const w = useWords(board);
  const waited = (Date.parse(event.told_at) - Date.parse(event.at)) / 1_000;
  const more = moreOf(event, w);
  return (
    <li class={`told-${event.kind}`}>
      <Icon name={iconOf(event)} />
      <div>
        <p>
          <strong>{sayingOf(event, w)}</strong>
        </p>
        {more && <p>{more}</p>}
        <p class="quiet small number">
          {formatTime(event.at)} {formatDate(event.at)}
          {event.by && ` · ${event.by.full_name}`}
          {waited > WAITED_SECONDS && ` · ${w.history.waited(formatDuration(waited))}`}
        </p>
      </div>
    </li>
  );
}

type BoardWords = Words<typeof board>;

function iconOf(event: PointEvent): IconName {
  if (event.kind === "state" && event.state) return STATE_ICONS[event.state];
  if (event.kind === "count") return "people";
  if (event.kind === "trouble") return "warning";
  return event.faults.length > 0 || event.coming === false ? "cross" : "check";
}

function sayingOf(event: PointEvent, w: BoardWords): string {
  const trouble = w.board.troubles[event.trouble ?? "other"];
  switch (event.kind) {
    case "state":
      return w.history.state(w.pointStates[event.state ?? "invited"]);
    case "count":
      return w.history.count(
        w.moments[event.headcount?.moment ?? "start"],
        formatNumber(event.headcount?.present ?? 0),
      );
    case "answer":
      if (!event.coming) return w.history.declined;
      return event.expected === null ? w.history.comingUnsaid : w.history.coming(formatNumber(event.expected));
    case "check":
      return event.faults.length > 0 ? w.history.faults(event.faults.length) : w.history.checked(event.checked);
    case "trouble":
      return trouble;
    case "trouble-over":
      return w.history.troubleOver(trouble);
  }
}

function moreOf({ headcount, faults, words }: PointEvent, w: BoardWords): string {
  if (headcount) {
    const rest = w.history.rest(headcount.excused, headcount.absent, headcount.late);
    return [rest, headcount.reason && w.history.reason(headcount.reason)].filter(Boolean).join(". ");
  }
  if (faults.length > 0) return faults.map(({ item, note }) => `${w.history.items[item]}: ${note}`).join("; ");
  return words ?? "";
}
