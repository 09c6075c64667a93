import { useRef, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { GateHit, Inspection, SheetPicture } from "../../api/types";
import type { PageProps } from "../../app";
import { formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { gate } from "../../i18n/vi/gate";
import { JobCard } from "../../parts/jobs";
import { Page } from "../../parts/page";
import { Notice, Show, Tag, type Tone } from "../../parts/show";
import { Findings } from "./Findings";
import { InspectDecide } from "./InspectDecide";
import "./inspect.css";

const TONES: Record<Inspection["result"], Tone> = { clean: "good", doubtful: "warn", sealed: "bad", refused: "bad" };

/** What the gate found in a file, all that is to be seen and heard in it, and the decision on it. */
export function Inspect({ id }: PageProps) {
  const w = useWords(gate);
  const found = useResource(`/jobs/${id}/inspection`);
  const [destroyed, setDestroyed] = useState(false);
  return (
    <Page title={w.inspect.title} back={{ to: "/phat-hanh", text: w.inspect.back }}>
      {destroyed ? (
        <Notice tone="good">{w.inspect.destroyed}</Notice>
      ) : (
        <Show of={found}>
          {(it) => <Inspected it={it} onDecided={found.reload} onDestroyed={() => setDestroyed(true)} />}
        </Show>
      )}
    </Page>
  );
}

function Inspected({ it, onDecided, onDestroyed }: { it: Inspection; onDecided: () => void; onDestroyed: () => void }) {
  const w = useWords(gate);
  const sound = useRef<HTMLAudioElement>(null);
  const [looked, setLooked] = useState<ReadonlySet<number>>(new Set());
  const mustLook = it.unread > 0 && !it.looked;
  const look = (position: number, yes: boolean) => {
    const now = new Set(looked);
    if (yes) now.add(position);
    else now.delete(position);
    setLooked(now);
  };
  const play = (second: number) => {
    if (!sound.current) return;
    sound.current.currentTime = second;
    void sound.current.play();
  };
  return (
    <>
      <div class="card">
        <JobCard job={it.job} named bare onChange={onDecided} />
      </div>
      {it.job.recording_id && <Findings jobId={it.job.id} onChange={onDecided} />}
      <section class="stack">
        <h2>{w.inspect.hits}</h2>
        <p>
          <Tag tone={TONES[it.result]}>{w.inspect.results[it.result]}</Tag>
        </p>
        {it.hits.length > 0 && (
          <ul class="stack tight">
            {it.hits.map((hit) => (
              <Hit key={JSON.stringify(hit)} hit={hit} />
            ))}
          </ul>
        )}
      </section>
      {it.speech.length > 0 && (
        <section class="stack">
          <h2>{w.inspect.speech}</h2>
          {/* biome-ignore lint/a11y/useMediaCaption: what is said was never written down. */}
          <audio ref={sound} controls preload="none" class="whole-line">
            {it.speech.map((each) => (
              <source key={each.url} src={each.url} type={each.media_type} />
            ))}
          </audio>
        </section>
      )}
      <section class="stack">
        <h2>{w.inspect.sheet}</h2>
        <p class="quiet">{it.pictures.length > 0 ? w.inspect.sheetHint : w.inspect.sheetGone}</p>
        {mustLook && (
          <p>
            <strong>{w.inspect.unread(it.unread)}</strong>
          </p>
        )}
        <ol class="sheet">
          {it.pictures.map((picture) => (
            <Picture
              key={picture.position}
              picture={picture}
              hits={it.hits.filter((hit) => isOn(hit, picture))}
              looked={mustLook ? looked.has(picture.position) : null}
              onLook={(yes) => look(picture.position, yes)}
              onPlay={it.speech.length > 0 && picture.at_seconds !== null ? play : null}
            />
          ))}
        </ol>
        {mustLook && <p role="status">{w.inspect.lookedOf(looked.size, it.pictures.length)}</p>}
      </section>
      <InspectDecide it={it} looked={[...looked]} mustLook={mustLook} onDecided={onDecided} onDestroyed={onDestroyed} />
    </>
  );
}

/** Hits in text name a page, too; only those seen in the picture have a box there. */
const isOn = (hit: GateHit, { page, at_seconds }: SheetPicture) =>
  hit.source === "picture" ? hit.page === page && hit.at_seconds === at_seconds : page !== null && hit.page === page;

function Hit({ hit }: { hit: GateHit }) {
  const w = useWords(gate);
  const certain = hit.certainty === "certain";
  return (
    <li class="line">
      <span>{w.inspect.hit(hit.rule, w.inspect.sources[hit.source])}</span>
      {hit.page !== null && <span>{w.inspect.onPage(hit.page)}</span>}
      {hit.at_seconds !== null && <span>{w.inspect.atTime(formatPosition(hit.at_seconds))}</span>}
      <Tag tone={certain ? "bad" : "warn"}>{certain ? w.inspect.certain : w.inspect.doubtfulHit}</Tag>
    </li>
  );
}

function Picture({
  picture,
  hits,
  looked,
  onLook,
  onPlay,
}: {
  picture: SheetPicture;
  hits: GateHit[];
  /** Null where nobody has to say so. */
  looked: boolean | null;
  onLook: (yes: boolean) => void;
  onPlay: ((second: number) => void) | null;
}) {
  const w = useWords(gate);
  const { page, at_seconds } = picture;
  const name = page !== null ? w.inspect.onPage(page) : w.inspect.atTime(formatPosition(at_seconds ?? 0));
  return (
    <li class={`stack tight ${hits.length > 0 ? "has-hit" : ""}`}>
      <a class="framed" href={picture.url} target="_blank" rel="noopener">
        <img src={picture.url} width={picture.width} height={picture.height} alt={name} loading="lazy" />
        {hits.map(
          (hit) =>
            hit.box && <span key={JSON.stringify(hit.box)} class="found" style={placed(hit.box)} title={hit.rule} />,
        )}
      </a>
      <div class="line apart">
        <span class="small">{name}</span>
        {onPlay && at_seconds !== null && (
          <button type="button" class="button plain" onClick={() => onPlay(at_seconds)}>
            {w.inspect.play}
          </button>
        )}
      </div>
      {looked !== null && (
        <label class="tick">
          <input type="checkbox" checked={looked} onChange={(event) => onLook(event.currentTarget.checked)} />
          <span>{w.inspect.looked}</span>
        </label>
      )}
    </li>
  );
}

/** The box a little wider than what was read, so that its frame hides nothing of it. */
function placed([left, top, width, height]: [number, number, number, number]) {
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  return {
    left: percent(Math.max(0, left - 0.01)),
    top: percent(Math.max(0, top - 0.01)),
    width: percent(Math.min(1, width + 0.02)),
    height: percent(Math.min(1, height + 0.02)),
  };
}
