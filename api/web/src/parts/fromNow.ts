import { formatDate, formatMoment, formatTime } from "../format";
import { words } from "../i18n";
import { jobs } from "../i18n/vi/jobs";

/** A moment to come: "2 phút nữa" within the hour, then "15:40", with its day where that is another one. */
export function fromNow(moment: string, now = Date.now()): string {
  const w = words(jobs);
  const seconds = (new Date(moment).getTime() - now) / 1000;
  if (seconds < 60) return w.jobs.soon;
  // Rounded up: who comes back after that time should find it done.
  if (seconds < 3_600) return w.jobs.inMinutes(Math.ceil(seconds / 60));
  return formatDate(moment) === formatDate(new Date(now)) ? formatTime(moment) : formatMoment(moment);
}
