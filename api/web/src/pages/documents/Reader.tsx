import { useEffect, useRef, useState } from "preact/hooks";
import { logSurprise, post } from "../../api/client";
import type { DocumentSheet, DocumentView } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { documents } from "../../i18n/vi/documents";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Failure, Ghosts } from "../../parts/show";
import "./documents.css";

/** How long a page has to be on the screen to count as seen, and how long to gather before telling. */
const SEEN_MS = 1_000;
const TELL_MS = 3_000;

/** One document, as the short link of a QR code opens it: all its pages, one under the other. */
export function Reader({ id }: PageProps) {
  const w = useWords(documents);
  const [view, setView] = useState<DocumentView | null>(null);
  const [error, setError] = useState<unknown>(null);
  const open = () =>
    post(`/documents/${encodeURIComponent(id)}/openings`).then((opened) => {
      setView(opened);
      setError(null);
    }, setError);
  useEffect(() => void open(), [id]);
  return (
    <Page title={view?.title ?? w.reader.title} lead={view ? lead(view) : null}>
      {error !== null && <Failure error={error} retry={() => void open()} />}
      {view ? <Sheets view={view} /> : error === null && <Ghosts count={2} height={240} />}
    </Page>
  );
}

const lead = (view: DocumentView) => [view.session.title, view.part?.title].filter(Boolean).join(", ");

function Sheets({ view }: { view: DocumentView }) {
  const w = useWords(documents);
  const [seen, setSeen] = useState(() => new Set(view.seen));
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => watch(list.current, view, (page) => setSeen((old) => new Set(old).add(page))), [view]);
  return (
    <>
      <p class="quiet small">{w.reader.logged}</p>
      <p class="with-icon">
        <Icon name="check" />
        {w.reader.seen(formatNumber(seen.size), formatNumber(view.pages))}
      </p>
      <ol class="stack wide" ref={list}>
        {view.sheets.map((sheet) => (
          <Sheet key={sheet.position} sheet={sheet} total={view.pages} />
        ))}
      </ol>
      <a class="button second" href={`/hoi-nghi/${view.session.id}/tai-lieu`}>
        <Icon name="file" />
        {w.reader.all}
      </a>
    </>
  );
}

function Sheet({ sheet, total }: { sheet: DocumentSheet; total: number }) {
  const w = useWords(documents);
  return (
    <li class="sheet stack tight" data-page={sheet.position}>
      <img
        src={sheet.url}
        width={sheet.width}
        height={sheet.height}
        loading="lazy"
        alt={sheet.text.trim() || w.reader.page(sheet.position, total)}
      />
      <p class="quiet small number">{w.reader.page(sheet.position, total)}</p>
      {sheet.text.trim() && (
        <details>
          <summary>
            {w.reader.text}
            <span class="unseen"> {w.reader.page(sheet.position, total)}</span>
          </summary>
          <p>{sheet.text}</p>
        </details>
      )}
    </li>
  );
}

/** Tells the server which pages stood on the screen, some at a time; gives back how to stop. */
function watch(list: HTMLElement | null, view: DocumentView, onSeen: (page: number) => void): () => void {
  if (!list) return () => undefined;
  const told = new Set(view.seen);
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  let fresh: number[] = [];
  const tell = () => {
    if (fresh.length === 0) return;
    const pages = fresh;
    fresh = [];
    post(`/documents/${view.code}/seen`, { pages }).catch((error: unknown) => {
      fresh = [...pages, ...fresh];
      logSurprise(error);
    });
  };
  const looks = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const page = Number((target as HTMLElement).dataset.page);
        clearTimeout(timers.get(page));
        if (!isIntersecting || told.has(page)) continue;
        const note = () => {
          told.add(page);
          fresh.push(page);
          onSeen(page);
        };
        timers.set(page, setTimeout(note, SEEN_MS));
      }
    },
    { threshold: 0.5 },
  );
  for (const sheet of list.children) looks.observe(sheet);
  const timer = setInterval(tell, TELL_MS);
  return () => {
    looks.disconnect();
    clearInterval(timer);
    for (const one of timers.values()) clearTimeout(one);
    tell();
  };
}
