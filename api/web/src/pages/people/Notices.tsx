import { useResource } from "../../api/resource";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { people } from "../../i18n/vi/people";
import { Notice } from "../../parts/show";

/** What staff did to the reader's own account. Nothing done, nothing shown. */
export function Notices() {
  const w = useWords(people);
  const { data } = useResource("/me/notices");
  if (!data?.length) return null;
  return (
    <section class="card stack">
      <h2>{w.notices.title}</h2>
      <ul class="stack tight">
        {data.map((each) => (
          <li key={each.at}>
            <span class="quiet">{formatMoment(each.at)}: </span>
            {w.notices.kinds[each.kind](each.by)}
          </li>
        ))}
      </ul>
      <Notice tone="plain">{w.notices.notYou}</Notice>
    </section>
  );
}
