import { useResource } from "../../api/resource";
import type { CountPhoto, Session } from "../../api/types";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { technician } from "../../i18n/vi/technician";
import { Show, Tag, type Tone } from "../../parts/show";
import "./technician.css";

const TONES: Record<CountPhoto["state"], Tone> = {
  awaited: "warn",
  checking: "warn",
  kept: "good",
  held: "warn",
  refused: "bad",
};
/** So often a picture that is being checked is asked about. */
const CHECKING_MS = 5_000;

/** The pictures that prove what was counted, with their hashes; shown once the gate has let them in. */
export function Photos({ pointId, session }: { pointId: string; session: Session | null }) {
  const w = useWords(technician, counts);
  const photos = useResource(`/session-points/${pointId}/photos`, {
    every: (all) => (all.some((photo) => photo.state === "checking") ? CHECKING_MS : null),
  });
  const titleOf = (photo: CountPhoto) => session?.parts.find((part) => part.id === photo.part_id)?.title ?? "";
  return (
    <section class="stack">
      <h2>{w.photo.title}</h2>
      <Show of={photos} within>
        {(all) =>
          all.length === 0 ? (
            <p class="quiet">{w.photo.none}</p>
          ) : (
            <ul class="rows">
              {all.map((photo) => (
                <li key={photo.id} class="row">
                  <div class="grow stack tight">
                    <span>
                      {titleOf(photo)}, {w.moments[photo.moment].toLowerCase()}
                    </span>
                    <span class="quiet small">
                      {formatMoment(photo.taken_at)} · {photo.recorded_by.full_name}
                    </span>
                    <code class="small hash">SHA-256 {photo.sha256}</code>
                    {photo.url && (
                      <a href={photo.url} target="_blank" rel="noopener">
                        <img
                          class="evidence"
                          src={photo.url}
                          loading="lazy"
                          alt={w.photo.of(titleOf(photo), w.moments[photo.moment], formatMoment(photo.taken_at))}
                        />
                      </a>
                    )}
                  </div>
                  <Tag tone={TONES[photo.state]}>{w.photo.states[photo.state]}</Tag>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </section>
  );
}
