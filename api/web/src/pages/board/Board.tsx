import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Board, PointState } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber, formatSpan } from "../../format";
import { useWords } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { useSettled } from "../../parts/settled";
import { Button, Empty, Ghosts, Show } from "../../parts/show";
import { setQuery, useAddress } from "../../router";
import { PointHistory } from "./PointHistory";
import { Pulse } from "./Pulse";
import { Totals } from "./Totals";
import { UnitCards } from "./UnitCards";
import { Wall } from "./Wall";
import "./board.css";

/** Soon enough to see a trouble as it happens; an unchanged board costs the question alone. */
const EVERY_MS = 4_000;
const EVERY_MS_CLOSED = 60_000;
/** As many points as the server shows without being asked for more. */
const AT_ONCE = 500;

type Wanted = PointState | "silent";

/** A conference as it stands this minute, for the screen on a command room's wall and for a phone. */
export function LiveBoard({ id }: PageProps) {
  const w = useWords(board);
  const { query } = useAddress();
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(AT_ONCE);
  const q = useSettled(typed).trim();
  const found = useResource(`/sessions/${id}/live`, {
    query: {
      unit_id: query.get("don-vi") ?? undefined,
      part_id: query.get("phan") ?? undefined,
      wanted: (query.get("loc") as Wanted | null) ?? undefined,
      q,
      limit,
    },
    every: (data) => (data.session.closed_at ? EVERY_MS_CLOSED : EVERY_MS),
  });
  const session = found.data?.session;
  const whole = useRef<HTMLDivElement>(null);
  return (
    <Page
      title={w.board.title}
      back={{ to: `/hoi-nghi/${id}`, text: w.board.back }}
      lead={session ? `${session.title} · ${formatSpan(session.starts_at, session.ends_at)}` : null}
    >
      <div class="board stack" ref={whole}>
        <Show of={found} ghosts={<Ghosts count={4} height={150} />}>
          {(data) => (
            <>
              <div class="line">
                <Above board={data} />
                <Parts board={data} />
                <Pulse of={data} />
                <WholeScreen of={whole} />
              </div>
              <Totals board={data} wanted={query.get("loc")} find={<Find value={typed} onValue={setTyped} />} />
              <Shown board={data} wanted={query.get("loc") as Wanted | null} q={q} />
              {data.points && (
                <More
                  shown={data.points.length}
                  total={data.found}
                  onMore={() => setLimit(Math.min(AT_ONCE, limit + AT_ONCE))}
                />
              )}
            </>
          )}
        </Show>
      </div>
      {query.get("diem") && <PointHistory id={query.get("diem") ?? ""} />}
    </Page>
  );
}

/** The way down from the highest unit that the reader watches. */
function Above({ board: { above, unit, session } }: { board: Board }) {
  return (
    <p class="board-above">
      <span class="whole-only">{session.title} ·</span>
      {above.map((one, place) => (
        <span key={one.id}>
          {place > 0 && <Icon name="forward" />}
          {one.id === unit.id ? (
            <strong>{one.name}</strong>
          ) : (
            <a href={place ? `?don-vi=${one.id}` : "?"}>{one.name}</a>
          )}
        </span>
      ))}
    </p>
  );
}

function Find({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const w = useWords(board);
  return (
    <input
      type="search"
      class="box"
      aria-label={w.board.find}
      placeholder={w.board.find}
      value={value}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  );
}

/** For the wall: the board alone, without the frame of the page. */
function WholeScreen({ of }: { of: RefObject<HTMLDivElement | null> }) {
  const w = useWords(board);
  if (!document.fullscreenEnabled) return null;
  const turn = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : of.current?.requestFullscreen())?.catch(
      () => undefined,
    );
  return (
    <Button kind="second whole-screen" icon="slides" onClick={turn}>
      {w.board.whole}
    </Button>
  );
}

function Parts({ board: { part, parts } }: { board: Board }) {
  const w = useWords(board);
  if (parts.length < 2) return null;
  return (
    <label class="board-part">
      <span class="unseen">{w.board.part}</span>
      <select class="box" value={part.id} onChange={(event) => setQuery("phan", event.currentTarget.value)}>
        {parts.map((one) => (
          <option key={one.id} value={one.id}>
            {one.title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is asked for in words or by a state lies flat; everything lies by unit, as tiles or, of very many, as figures. */
function Shown({ board: data, wanted, q }: { board: Board; wanted: Wanted | null; q: string }) {
  const w = useWords(board);
  if (data.total.points === 0) {
    return (
      <Empty title={w.board.nothing}>
        <p class="quiet">{w.board.nothingHint}</p>
      </Empty>
    );
  }
  if (wanted === null && q === "") {
    return data.points ? (
      <Wall points={data.points} groups={data.groups} top={data.unit} />
    ) : (
      <UnitCards board={data} />
    );
  }
  const what = wanted === "silent" ? w.board.silent : wanted && w.pointStates[wanted];
  return (
    <section class="stack">
      <div class="line" role="status">
        <strong>
          {what ? w.board.showing(what, formatNumber(data.found)) : w.board.found(formatNumber(data.found))}
        </strong>
        {wanted && (
          <Button kind="second" icon="cross" onClick={() => setQuery("loc", null)}>
            {w.board.showAll}
          </Button>
        )}
      </div>
      {data.points && <Wall points={data.points} />}
    </section>
  );
}
