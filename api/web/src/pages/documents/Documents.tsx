import { useRef, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { DocumentRow } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { documents } from "../../i18n/vi/documents";
import { useDesk } from "../../login";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Show } from "../../parts/show";
import { Qr } from "../group/Qr";
import "../group/group.css";
import "./documents.css";

/** The documents of a conference, each with a QR code to be shown in the room. */
export function Documents({ id }: PageProps) {
  const w = useWords(documents);
  const desk = useDesk();
  const list = useResource(`/sessions/${id}/documents`, { keep: true });
  const session = useResource(`/sessions/${id}`, { keep: true });
  const back = desk === "member" ? "/xem-lai" : `/hoi-nghi/${id}`;
  return (
    <Page
      title={w.list.title}
      lead={w.list.lead}
      back={{ to: back, text: session.data?.title ?? w.list.conference }}
      narrow
    >
      <Show of={list}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={w.list.none}>
              <p class="quiet">{w.list.noneHint}</p>
            </Empty>
          ) : (
            <>
              <ul class="cards">
                {items.map((item) => (
                  <li key={item.code} class="card stack">
                    <Item item={item} open={items.length === 1} />
                  </li>
                ))}
              </ul>
              {(desk === "staff" || desk === "administrator") && (
                <a class="button second" href={`/can-bo/${id}/tai-lieu`}>
                  <Icon name="chart" />
                  {w.list.receipts}
                </a>
              )}
            </>
          )
        }
      </Show>
    </Page>
  );
}

function Item({ item, open }: { item: DocumentRow; open: boolean }) {
  const w = useWords(documents);
  const [shown, setShown] = useState(open);
  return (
    <>
      <div class="stack tight">
        <h2>{item.title}</h2>
        <p class="quiet small">{[item.part?.title ?? w.list.whole, w.list.pages(item.pages)].join(" · ")}</p>
        {item.opened_at && <p class="quiet small">{w.list.opened(formatMoment(item.opened_at))}</p>}
      </div>
      {shown && <Code item={item} />}
      <div class="line">
        <a class="button" href={`/t/${item.code}`}>
          <Icon name="slides" />
          {w.list.read}
          <span class="unseen"> {item.title}</span>
        </a>
        <Button kind="plain" icon="phone" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {shown ? w.list.hideQr : w.list.showQr}
        </Button>
      </div>
    </>
  );
}

function Code({ item }: { item: DocumentRow }) {
  const w = useWords(documents);
  const whole = useRef<HTMLDivElement>(null);
  const address = `${location.origin}/t/${item.code}`;
  return (
    <div class="stack tight document-qr" ref={whole}>
      <Qr text={address} label={w.list.codeFor(item.title)} />
      <p class="small">{w.list.address}</p>
      <p class="document-address number">{address.replace(/^https?:\/\//, "")}</p>
      <Button kind="plain" icon="video" onClick={() => void whole.current?.requestFullscreen?.()}>
        {w.list.full}
      </Button>
    </div>
  );
}
