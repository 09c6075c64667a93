import { useState } from "preact/hooks";
import type { LineMeasured } from "../../api/types";
import { formatNumber } from "../../format";
import { useWords, type Words } from "../../i18n";
import { before } from "../../i18n/vi/before";
import { Button, Notice } from "../../parts/show";
import { isEnough, measureLine } from "./measure";

/** Measures the line on a button, for it costs data; the figures go with the check. */
export function LineTest({ line, onLine }: { line: LineMeasured | null; onLine: (line: LineMeasured) => void }) {
  const w = useWords(before);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const run = async () => {
    setBusy(true);
    const found = await measureLine().catch(() => null);
    setBusy(false);
    setFailed(found === null);
    if (found) onLine(found);
  };
  return (
    <section class="card stack">
      <h2>{w.line.title}</h2>
      <div role="status" class="stack">
        {busy && <p>{w.line.running}</p>}
        {!busy && line && <Figures line={line} />}
      </div>
      {!busy && failed && <Notice tone="warn">{w.line.failed}</Notice>}
      <div class="stack tight">
        <div>
          <Button kind="second" icon={line ? "retry" : "gauge"} busy={busy} onClick={() => void run()}>
            {line ? w.line.again : w.line.start}
          </Button>
        </div>
        <p class="quiet small">{line ? w.line.kept : w.line.cost}</p>
      </div>
    </section>
  );
}

function Figures({ line }: { line: LineMeasured }) {
  const w = useWords(before);
  return (
    <>
      <dl class="facts">
        <dt>{w.line.down}</dt>
        <dd class="number">{w.line.kbits(formatNumber(line.down_kbits))}</dd>
        <dt>{w.line.up}</dt>
        <dd class="number">{w.line.kbits(formatNumber(line.up_kbits))}</dd>
        <dt>{w.line.delay}</dt>
        <dd class="number">{w.line.ms(formatNumber(line.round_trip_ms))}</dd>
      </dl>
      <Notice tone={isEnough(line) ? "good" : "warn"}>{isEnough(line) ? w.line.good : w.line.weak}</Notice>
    </>
  );
}

/** "Tải xuống 2.400 kbit/s, Gửi lên 900 kbit/s, Độ trễ 80 ms" */
export function lineWords(line: LineMeasured, w: Words<typeof before>): string {
  return [
    `${w.line.down} ${w.line.kbits(formatNumber(line.down_kbits))}`,
    `${w.line.up} ${w.line.kbits(formatNumber(line.up_kbits))}`,
    `${w.line.delay} ${w.line.ms(formatNumber(line.round_trip_ms))}`,
  ].join(", ");
}
