import { useResource } from "../../api/resource";
import type { TimelineView } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Ghosts, Notice, Show, Tag } from "../../parts/show";
import { type Desk, useTimelineDesk } from "../../timeline/desk";
import { foundDraft, isDoubtful, nextDoubtful } from "../../timeline/draft";
import { TimelineMark } from "./TimelineMark";
import { TimelineStage } from "./TimelineStage";
import { TimelineStrip } from "./TimelineStrip";
import { TimelineTrack } from "./TimelineTrack";
import "./timeline.css";

/** Where staff put right when which slide is on the screen. */
export function Timeline({ id }: PageProps) {
  const w = useWords(timeline);
  const view = useResource(`/recordings/${id}/timeline`);
  return (
    <Page title={w.title} lead={view.data ? view.data.title : null} back={{ to: "/phat-hanh", text: w.release }}>
      <Show of={view} ghosts={<Ghosts count={3} height={240} />}>
        {(data) =>
          data.pages.length > 0 ? (
            <Work key={data.recording_id} view={data} />
          ) : (
            <Empty title={w.noPages}>
              <p class="quiet">{w.noPagesHint}</p>
            </Empty>
          )
        }
      </Show>
    </Page>
  );
}

function Work({ view }: { view: TimelineView }) {
  const desk = useTimelineDesk(view);
  return (
    <div class="cue-desk stack">
      <Toolbar desk={desk} />
      <Trouble desk={desk} />
      <Doubts desk={desk} />
      <div class="cue-views">
        <TimelineStage desk={desk} />
        <TimelineTrack desk={desk} />
        <TimelineMark desk={desk} />
      </div>
      <TimelineStrip desk={desk} />
    </div>
  );
}

/** What keeps the work, and takes it back; it stays in sight wherever on the page one works. */
function Toolbar({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  return (
    <div class="cue-tools">
      <Button icon="check" busy={desk.saving} disabled={!desk.dirty || desk.theirs !== null} onClick={desk.save}>
        {w.save}
      </Button>
      <Button kind="second" disabled={!desk.undo} onClick={() => desk.undo?.()}>
        {w.undo}
      </Button>
      <Button kind="second" disabled={!desk.redo} onClick={() => desk.redo?.()}>
        {w.redo}
      </Button>
      <span role="status">
        <State desk={desk} />
        <span class="unseen">{desk.said}</span>
      </span>
    </div>
  );
}

function State({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  if (desk.theirs) return <Tag tone="bad">{w.states.conflict}</Tag>;
  if (desk.dirty) return <Tag tone="warn">{w.states.unsaved}</Tag>;
  if (desk.draft.asFound) return <Tag tone="plain">{w.states.asFound}</Tag>;
  return <Tag tone="good">{w.states.saved}</Tag>;
}

/** Where to look first, whose work this is, and the way back to before it. */
function Doubts({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const { draft, view } = desk;
  const below = view.doubtful_below;
  const doubtful = draft.marks.filter((mark) => isDoubtful(mark, below)).length;
  const goOn = () => {
    const mark = nextDoubtful(draft.marks, desk.chosen?.at ?? -1, below);
    if (!mark) return;
    desk.choose(mark.key);
    desk.seek(mark.at);
  };
  return (
    <div class="line">
      {doubtful > 0 ? (
        <Button kind="second" icon="warning" onClick={goOn}>
          {w.nextDoubtful(doubtful)}
        </Button>
      ) : (
        <Tag tone="good">{w.noneDoubtful}</Tag>
      )}
      {!draft.asFound && (
        <Button kind="plain" onClick={() => desk.edit(foundDraft(view))}>
          {w.backToFound}
        </Button>
      )}
      {view.correction && (
        <span class="quiet small">{w.savedBy(view.correction.by.full_name, formatMoment(view.correction.at))}</span>
      )}
    </div>
  );
}

/** Why it was not saved. Somebody else's version can be looked at and come back from, so neither of both is lost. */
function Trouble({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const { theirs } = desk;
  if (!theirs) return <Failure error={desk.error} />;
  const { correction } = theirs;
  return (
    <Notice tone="bad">
      <div class="stack tight">
        {desk.error instanceof Error && <p>{desk.error.message}</p>}
        <p>{correction ? w.theirsBy(correction.by.full_name, formatMoment(correction.at)) : w.theirsFound}</p>
        <div class="line">
          <Button kind="second" onClick={desk.takeTheirs}>
            {w.theirs}
          </Button>
          <Button kind="danger" busy={desk.saving} onClick={desk.overwrite}>
            {w.overwrite}
          </Button>
        </div>
      </div>
    </Notice>
  );
}
