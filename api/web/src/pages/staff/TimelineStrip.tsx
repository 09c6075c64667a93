import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../../i18n";
import { timeline } from "../../i18n/vi/timeline";
import type { Desk } from "../../timeline/desk";
import { add, markAt } from "../../timeline/draft";
import { headingOf, nameOf, pageOf } from "../../timeline/pages";
import { formatTenths } from "../../timeline/scale";

/** All pages in a row; pressing one shows it from the playhead on. */
export function TimelineStrip({ desk }: { desk: Desk }) {
  const w = useWords(timeline);
  const { view, draft, position } = desk;
  const shown = pageOf(view, markAt(draft.marks, position));
  const row = useRef<HTMLUListElement>(null);
  const place = shown ? view.pages.indexOf(shown) : -1;
  useEffect(() => {
    // The page that is up stays in sight, with the one that most likely follows it; the page itself must not move.
    const tile = row.current?.children[place] as HTMLElement | undefined;
    if (row.current && tile) row.current.scrollLeft = tile.offsetLeft - row.current.clientWidth / 2 + tile.offsetWidth;
  }, [place]);
  const onPage = (i: number) => {
    const page = view.pages[i];
    if (!page) return;
    const made = add(draft, page, Math.round(position * 10) / 10, view.duration_seconds);
    desk.edit(made.draft);
    desk.choose(made.key);
  };
  return (
    <section class="stack tight" aria-labelledby="cue-strip">
      <h2 id="cue-strip">{w.strip.title}</h2>
      <p class="quiet">{w.strip.hint(formatTenths(position))}</p>
      <ul class="cue-strip" ref={row}>
        {view.pages.map((page, i) => (
          <li key={`${page.deck_id} ${page.page}`}>
            <button type="button" aria-current={page === shown ? "true" : undefined} onClick={() => onPage(i)}>
              <img src={page.thumb_url} width={112} height={63} loading="lazy" alt="" />
              <span>
                {nameOf(page)}
                {page === shown && <span class="quiet small"> · {w.strip.shown}</span>}
              </span>
              <span class="quiet small heading">{headingOf(page)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
