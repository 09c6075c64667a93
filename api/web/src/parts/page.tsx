import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../i18n";
import { Icon } from "./icons";

/** The content of one page. Arriving moves the focus to its heading, as a new document would. */
export function Page({
  title,
  lead,
  back,
  narrow,
  children,
}: {
  title: string;
  /** A line under the title; null keeps its place while it is not known yet. */
  lead?: string | null;
  back?: { to: string; text: string };
  narrow?: boolean;
  children: ComponentChildren;
}) {
  const w = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const late = useRef(lead === null);
  useEffect(() => {
    document.title = `${title} · ${w.product}`;
  }, [title, w]);
  useEffect(() => {
    if (arrivedByLink) heading.current?.focus({ preventScroll: true });
    arrivedByLink = true;
  }, []);
  return (
    <main id="noi-dung" class={narrow ? "narrow" : undefined}>
      <div class="stack wide">
        <div class="stack tight">
          {back && (
            <a class="crumb no-print" href={back.to}>
              <Icon name="back" />
              {back.text}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <div class={late.current ? "quiet late" : "quiet"}>{lead}</div>}
        </div>
        {children}
      </div>
    </main>
  );
}

/** The first page of a visit keeps the browser's own starting point, so that the skip link comes first. */
let arrivedByLink = false;
