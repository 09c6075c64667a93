import { formatPercent } from "../format";

/** How much of something is done, as a ring with the figure in words inside. */
export function Ring({ ratio, label }: { ratio: number; label: string }) {
  const shown = Math.max(0, Math.min(1, ratio));
  return (
    <svg class="ring" viewBox="0 0 64 64" role="img" aria-label={label}>
      <circle cx="32" cy="32" r="27" pathLength={100} />
      {shown > 0 && (
        <circle class="done" cx="32" cy="32" r="27" pathLength={100} stroke-dasharray={`${shown * 100} 100`} />
      )}
      <text x="32" y="37">
        {formatPercent(Math.floor(shown * 100) / 100)}
      </text>
    </svg>
  );
}
