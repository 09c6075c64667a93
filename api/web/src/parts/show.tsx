/** What a page shows while it waits, when it fails, when there is nothing, and what it says beside its content. */

import type { ButtonHTMLAttributes, ComponentChildren, JSX } from "preact";
import { NoLink, sentence } from "../api/client";
import type { Resource } from "../api/resource";
import { formatMoment } from "../format";
import { useWords } from "../i18n";
import { Icon, type IconName } from "./icons";

export type Tone = "good" | "warn" | "bad" | "plain";
const ICON_OF: Record<Tone, IconName> = { good: "check", warn: "clock", bad: "warning", plain: "info" };

export function Notice({ tone, children, icon }: { tone: Tone; icon?: IconName; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={icon ?? ICON_OF[tone]} />
      <div>{children}</div>
    </div>
  );
}

export function Tag({ tone, icon, children }: { tone: Tone; icon?: IconName; children: ComponentChildren }) {
  return (
    <span class={`tag ${tone}`}>
      <Icon name={icon ?? ICON_OF[tone]} />
      {children}
    </span>
  );
}

/** Grey blocks of the size of what is coming, so that nothing jumps when it comes. */
export function Ghosts({ count = 3, height = 72 }: { count?: number; height?: number }) {
  const w = useWords();
  return (
    <div class="stack" role="status">
      <span class="unseen">{w.loading}</span>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} class="ghost" style={{ height: `${height}px` }} />
      ))}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const w = useWords();
  if (!error) return null;
  return (
    <Notice tone={error instanceof NoLink ? "warn" : "bad"} icon={error instanceof NoLink ? "unlink" : "warning"}>
      <p>{sentence(error)}</p>
      {retry && (
        <button type="button" class="button plain" onClick={retry}>
          <Icon name="retry" />
          {w.tryAgain}
        </button>
      )}
    </Notice>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty stack">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** A resource in its three states. What comes from this device, because there is no link, says so. */
export function Show<T>({
  of,
  ghosts,
  within,
  children,
}: {
  of: Resource<T>;
  ghosts?: JSX.Element;
  /** It stands inside another one, which has said already where things come from. */
  within?: boolean;
  children: (data: T) => ComponentChildren;
}) {
  const w = useWords();
  if (of.data === null && of.error) return <Failure error={of.error} retry={of.reload} />;
  if (of.data === null) return ghosts ?? <Ghosts />;
  return (
    <>
      {of.seenAt && !within && (
        <Notice tone="warn" icon="unlink">
          {w.seenAt(formatMoment(of.seenAt))}
        </Notice>
      )}
      {children(of.data)}
    </>
  );
}

/** A button that runs one change and cannot be pressed twice meanwhile. */
export function Button({
  busy,
  kind = "",
  icon,
  children,
  ...rest
}: {
  busy?: boolean;
  kind?: string;
  icon?: IconName;
  children: ComponentChildren;
} & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" class={`button ${kind}`} aria-busy={busy} disabled={busy || Boolean(rest.disabled)} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
