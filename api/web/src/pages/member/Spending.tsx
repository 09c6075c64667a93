import { useState } from "preact/hooks";
import type { Rung } from "../../api/types";
import { formatBytes } from "../../format";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import { last } from "../../last";
import { Button, Notice } from "../../parts/show";
import { bytesOf } from "../../player/rungs";
import { slidesLeft } from "../../player/spending";
import type { Watch, WatchState } from "../../player/watch";
import { useStore } from "../../store";

const MB = 1_000_000;
const LIMITS = [5, 10, 20, 50, 100, 200].map((size) => size * MB);

/** What this watching has taken of the person's data, what it will still take, and a limit if they want one. */
export function Budget({ watch, state, rungs }: { watch: Watch; state: WatchState; rungs: Rung[] }) {
  const w = useWords(member, player);
  const used = useStore(watch.spending.used);
  const [limit, setLimit] = useState<number | null>(null);
  const choose = (bytes: number | null) => {
    setLimit(bytes);
    watch.allow(bytes);
  };
  if (state.spent && limit !== null) {
    return (
      <Notice tone="warn">
        <p>{w.spending.spent(formatBytes(limit))}</p>
        <div class="line">
          <Button icon="play" onClick={() => choose(limit)}>
            {w.spending.more(formatBytes(limit))}
          </Button>
          <Button kind="second" onClick={() => choose(null)}>
            {w.spending.lift}
          </Button>
        </div>
      </Notice>
    );
  }
  return (
    <div class="line small">
      <span class="number">
        {w.spending.used(formatBytes(used))}, {w.spending.left(leftOf(watch, state, rungs, w.spending.range))}
      </span>
      <label class="line">
        {w.spending.limit}
        <select
          class="box"
          style={{ width: "auto" }}
          value={limit ?? ""}
          onChange={(event) => choose(Number(event.currentTarget.value) || null)}
        >
          <option value="">{w.spending.none}</option>
          {LIMITS.map((bytes) => (
            <option key={bytes} value={bytes}>
              {formatBytes(bytes)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function leftOf(
  { viewing }: Watch,
  { mode, position, rung }: WatchState,
  rungs: Rung[],
  range: (least: string, most: string) => string,
): string {
  const seconds = viewing.duration_seconds - position;
  const chosen = rungs.filter((one) => rung === null || one.name === rung);
  const [lightest, heaviest] = [chosen[0], last(chosen)];
  if (mode === "video" && lightest && heaviest) {
    return range(formatBytes(bytesOf(lightest, seconds)), formatBytes(bytesOf(heaviest, seconds)));
  }
  const size = formatBytes(slidesLeft(viewing, position));
  return range(size, size);
}
