import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import { Field } from "../../parts/form";
import { Button, Empty, Tag } from "../../parts/show";
import type { Desk } from "../../timeline/desk";
import { confirmMark, drop, isDoubtful, type Mark, move, nudge, turnTo } from "../../timeline/draft";
import { headingOf, nameOf } from "../../timeline/pages";
import { formatTenths, nextMoment } from "../../timeline/scale";

/** How long before a mark one begins to listen. */
const RUN_UP_SECONDS = 3;

/** The chosen mark: everything that can be done by dragging it, as buttons, and the rest. */
export function TimelineMark({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const mark = desk.chosen;
  if (!mark) {
    return (
      <section class="cue-mark" aria-label={w.selected.title}>
        <Empty title={w.selected.none}>
          <p class="quiet">{w.selected.noneHint}</p>
        </Empty>
      </section>
    );
  }
  return (
    <section class="cue-mark card stack" aria-label={w.selected.title}>
      <Heading desk={desk} mark={mark} />
      <Times desk={desk} mark={mark} />
      <PageChoice desk={desk} mark={mark} />
      <div class="line">
        {isDoubtful(mark, desk.view.doubtful_below) && (
          <Button icon="check" onClick={() => desk.edit(confirmMark(desk.draft, mark.key))}>
            {w.selected.right}
          </Button>
        )}
        {desk.view.speech.length > 0 && (
          <Button kind="second" icon="play" onClick={() => listen(desk, mark)}>
            {w.selected.listen}
          </Button>
        )}
        <Button kind="danger" icon="trash" onClick={() => desk.edit(drop(desk.draft, mark.key))}>
          {w.selected.remove}
        </Button>
      </div>
    </section>
  );
}

function listen(desk: Desk, mark: Mark): void {
  desk.seek(mark.at - RUN_UP_SECONDS);
  // A browser that does not allow it leaves the sound where it is, with its own button beside it.
  void desk.sound.current?.play().catch(() => undefined);
}

function Heading({ desk, mark }: { desk: Desk; mark: Mark }) {
  const w = useWords(timeline);
  const { marks } = desk.draft;
  const i = marks.indexOf(mark);
  const go = (to: Mark | undefined) => {
    if (!to) return;
    desk.choose(to.key);
    desk.seek(to.at);
  };
  return (
    <div class="stack tight">
      <div class="line apart">
        <h2>{w.selected.place(i + 1, marks.length)}</h2>
        <KindTag mark={mark} below={desk.view.doubtful_below} />
      </div>
      <p class="cue-time number">{formatTenths(mark.at)}</p>
      <div class="cue-pair">
        <Button kind="second" icon="back" disabled={i === 0} onClick={() => go(marks[i - 1])}>
          {w.selected.before}
        </Button>
        <Button kind="second" disabled={i === marks.length - 1} onClick={() => go(marks[i + 1])}>
          {w.selected.after}
        </Button>
      </div>
    </div>
  );
}

function KindTag({ mark, below }: { mark: Mark; below: number }) {
  const w = useWords(timeline);
  if (isDoubtful(mark, below)) {
    return (
      <Tag tone="warn" icon="warning">
        {w.kinds.doubtful}
      </Tag>
    );
  }
  if (mark.byHand) return <Tag tone="good">{w.kinds.byHand}</Tag>;
  return (
    <Tag tone="plain" icon="gauge">
      {w.kinds.found}
    </Tag>
  );
}

function Times({ desk, mark }: { desk: Desk; mark: Mark }) {
  const w = useWords(timeline);
  const { draft, view, edit } = desk;
  const length = view.duration_seconds;
  const by = (steps: number) => edit(nudge(draft, mark.key, steps, length), `nudge ${mark.key}`);
  const to = (at: number | null) => at !== null && edit(move(draft, mark.key, at, length));
  const before = nextMoment(mark.at, view.snap_seconds, -1);
  const after = nextMoment(mark.at, view.snap_seconds, 1);
  return (
    <div class="cue-pair">
      <Button kind="second" onClick={() => by(-1)}>
        {w.selected.earlier}
      </Button>
      <Button kind="second" onClick={() => by(1)}>
        {w.selected.later}
      </Button>
      <Button kind="second" disabled={before === null} onClick={() => to(before)}>
        {w.selected.momentBefore}
      </Button>
      <Button kind="second" disabled={after === null} onClick={() => to(after)}>
        {w.selected.momentAfter}
      </Button>
      <Button kind="second" onClick={() => to(desk.position)}>
        {w.selected.here}
      </Button>
    </div>
  );
}

function PageChoice({ desk, mark }: { desk: Desk; mark: Mark }) {
  const w = useWords(timeline);
  const { pages } = desk.view;
  const chosen = pages.findIndex((page) => page.deck_id === mark.deck && page.page === mark.page);
  const turn = (i: number) => {
    const page = pages[i];
    if (page) desk.edit(turnTo(desk.draft, mark.key, page));
  };
  return (
    <Field label={w.selected.page}>
      {(given) => (
        <select class="box" value={chosen} onChange={(event) => turn(Number(event.currentTarget.value))} {...given}>
          {pages.map((page, i) => (
            <option key={`${page.deck_id} ${page.page}`} value={i}>
              {[nameOf(page), headingOf(page)].filter(Boolean).join(": ")}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
