import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Finding, RecordingFindings } from "../../api/types";
import { formatDuration, formatPosition } from "../../format";
import { useWords } from "../../i18n";
import { gate } from "../../i18n/vi/gate";
import { Button, Failure, Notice, Show } from "../../parts/show";

/** What is amiss with a recording, and which of its sound tracks is heard. */
export function Findings({ jobId, onChange }: { jobId: string; onChange: () => void }) {
  const w = useWords(gate);
  const found = useResource(`/jobs/${jobId}/findings`);
  const change = () => {
    found.reload();
    onChange();
  };
  return (
    <section class="stack">
      <h2>{w.findings.title}</h2>
      <Show of={found}>{(it) => <Found it={it} jobId={jobId} onChange={change} />}</Show>
    </section>
  );
}

function Found({ it, jobId, onChange }: { it: RecordingFindings; jobId: string; onChange: () => void }) {
  const w = useWords(gate);
  return (
    <>
      {it.lost_seconds > 0 && (
        <Notice tone="warn">
          <p>{w.findings.lost(formatDuration(it.lost_seconds))}</p>
        </Notice>
      )}
      {it.items.length === 0 ? (
        <p class="quiet">{w.findings.none}</p>
      ) : (
        <ul class="stack tight">
          {it.items.map((finding) => (
            <li key={`${finding.code} ${finding.start_seconds}`} class="line apart">
              <span>{saying(finding, it, w.findings)}</span>
              <span class="number">
                {w.findings.fromTo(formatPosition(finding.start_seconds), formatPosition(finding.end_seconds))}
              </span>
            </li>
          ))}
        </ul>
      )}
      {it.tracks.length > 1 && <Tracks it={it} jobId={jobId} onChange={onChange} />}
    </>
  );
}

/** What was cut off the end lies behind it, at times which no player shows. */
const saying = (
  { code, start_seconds }: Finding,
  { duration_seconds }: RecordingFindings,
  words: { codes: Record<Finding["code"], string>; cutOff: string },
) => (code === "lost" && start_seconds >= duration_seconds - 1 ? words.cutOff : words.codes[code]);

function Tracks({ it, jobId, onChange }: { it: RecordingFindings; jobId: string; onChange: () => void }) {
  const w = useWords(gate);
  const action = useAction();
  const choose = (track: number) =>
    void action.run(async () => {
      await post(`/jobs/${jobId}/sound-track`, { track });
      onChange();
    });
  return (
    <div class="stack tight">
      <h3>{w.findings.tracks}</h3>
      {it.can_choose && <p class="quiet small">{w.findings.tracksHint}</p>}
      <Failure error={action.error} />
      <ul class="stack tight">
        {it.tracks.map(({ track, language, channels, heard }) => (
          <li key={track} class="line apart">
            <span>{w.findings.track(track + 1, language, channels)}</span>
            {heard && <strong>{w.findings.heard}</strong>}
            {!heard && it.can_choose && (
              <Button kind="second" busy={action.busy} onClick={() => choose(track)}>
                {w.findings.hear(track + 1)}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
