import { useState } from "preact/hooks";
import type { Slide } from "../../api/types";
import { matches } from "../../fold";
import { formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { slideAt } from "./Stage";

/** All slides with their times, and a search in their text that needs no accents. */
export function SlideList({
  slides,
  position,
  pictures,
  onSeek,
}: {
  slides: Slide[];
  position: number;
  /** Small pictures beside the text; none before the speech has begun, which has the link first. */
  pictures: boolean;
  onSeek: (seconds: number) => void;
}) {
  const w = useWords(player);
  const [typed, setTyped] = useState("");
  const current = slideAt(slides, position);
  const found = slides.filter((slide) => matches(slide.text, typed));
  return (
    <details class="card" open={innerWidth >= 1000}>
      <summary>
        <Icon name="down" />
        {w.replay.slides(slides.length)}
      </summary>
      <div class="stack">
        <TextField type="search" label={w.replay.searchSlides} value={typed} onValue={setTyped} />
        <p class={typed ? undefined : "unseen"} role="status">
          {typed && w.replay.found(found.length)}
        </p>
        <ol class="slide-list">
          {found.map((slide) => (
            <li key={`${slide.page} ${slide.at_seconds}`}>
              <button
                type="button"
                aria-current={slide === current ? "true" : undefined}
                disabled={slide.at_seconds === null}
                onClick={() => slide.at_seconds !== null && onSeek(slide.at_seconds)}
              >
                <img src={pictures ? slide.thumb_url : undefined} width={80} height={45} loading="lazy" alt="" />
                <span>
                  <span class="number quiet small">
                    {w.replay.page(slide.page)}
                    {slide.at_seconds !== null && ` · ${formatPosition(slide.at_seconds)}`}
                  </span>
                  <br />
                  {excerpt(slide.text, typed) || w.replay.noText}
                </span>
              </button>
            </li>
          ))}
        </ol>
      </div>
    </details>
  );
}

/** The line of the slide that was searched for, or its first one. */
function excerpt(text: string, typed: string): string {
  const lines = text.split("\n").filter((line) => line.trim());
  const line = (typed && lines.find((one) => matches(one, typed))) || lines[0] || "";
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
