import type { TimelinePage, TimelineView } from "../api/types";
import { words } from "../i18n";
import { timeline } from "../i18n/vi/timeline";
import type { Mark } from "./draft";

/** The page that a mark shows. */
export const pageOf = (view: TimelineView, mark: Mark | undefined): TimelinePage | undefined =>
  mark && view.pages.find((page) => page.deck_id === mark.deck && page.page === mark.page);

/** "Trang 3", or what a page is called that was cut from the recording itself. */
export function nameOf(page: TimelinePage): string {
  const w = words(timeline);
  return page.cut ? w.cutPage(page.page) : w.page(page.page);
}

/** The first line of a page's text, short enough for a list. */
export function headingOf(page: TimelinePage): string {
  const line = page.text.split("\n").find((one) => one.trim()) ?? "";
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
