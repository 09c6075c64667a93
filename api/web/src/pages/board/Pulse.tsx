import { useEffect, useState } from "preact/hooks";
import { formatTime } from "../../format";
import { useWords } from "../../i18n";
import { board } from "../../i18n/vi/board";
import { Icon } from "../../parts/icons";

/** After so long without an answer what is shown is old, and says so. */
const OLD_MS = 20_000;

const second = (moment: number) => `${formatTime(new Date(moment))}:${new Date(moment).toISOString().slice(17, 19)}`;

/** The clock of the wall, and whether what hangs there is of now. Every answer is a new object, also an unchanged one. */
export function Pulse({ of }: { of: object }) {
  const w = useWords(board);
  const [heard, setHeard] = useState(Date.now);
  const [now, setNow] = useState(Date.now);
  useEffect(() => setHeard(Date.now()), [of]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const old = now - heard > OLD_MS;
  return (
    <p class={`board-pulse number ${old ? "old" : ""}`}>
      <strong>{formatTime(new Date(now))}</strong>
      <span class="with-icon small">
        <Icon name={old ? "unlink" : "retry"} />
        {old ? w.board.stale(second(heard)) : w.board.updated(second(heard))}
      </span>
    </p>
  );
}
