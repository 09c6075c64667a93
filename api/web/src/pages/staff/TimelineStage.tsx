import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import type { Desk } from "../../timeline/desk";
import { markAt } from "../../timeline/draft";
import { nameOf, pageOf } from "../../timeline/pages";
import { formatTenths } from "../../timeline/scale";

/** What a member would see and hear where the playhead stands. */
export function TimelineStage({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const { view, position } = desk;
  const page = pageOf(view, markAt(desk.draft.marks, position));
  return (
    <section class="card stack tight" aria-label={w.sound}>
      <div class="cue-stage">
        {page ? (
          <img
            src={page.url}
            width={page.width}
            height={page.height}
            alt={`${nameOf(page)}. ${page.text.slice(0, 200)}`}
          />
        ) : (
          <p>{w.noPage}</p>
        )}
      </div>
      <p class="line apart number">
        <span>
          {w.playhead}: <strong>{formatTenths(position)}</strong>
        </span>
        <span class="quiet">{page && nameOf(page)}</span>
      </p>
      {view.speech.length > 0 ? (
        // biome-ignore lint/a11y/useMediaCaption: conferences come without captions so far; the slides' text is beside.
        <audio
          ref={desk.sound}
          controls
          preload="none"
          aria-label={w.sound}
          onTimeUpdate={desk.onSound}
          onSeeking={desk.onSound}
        >
          {view.speech.map((source) => (
            <source key={source.url} src={source.url} type={source.media_type} />
          ))}
        </audio>
      ) : (
        <p class="quiet small">{w.noSound}</p>
      )}
    </section>
  );
}
