import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { PageProps } from "../../app";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { documents } from "../../i18n/vi/documents";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import "../staff/staff.css";
import "./documents.css";

/** For staff: how many of each unit have opened each document. */
export function Receipts({ id }: PageProps) {
  const w = useWords(documents);
  const list = useResource(`/sessions/${id}/documents`);
  const session = useResource(`/sessions/${id}`);
  const [chosen, setChosen] = useState<string | null>(null);
  const code = chosen ?? list.data?.[0]?.code ?? null;
  return (
    <Page
      title={w.receipts.title}
      lead={session.data?.title ?? null}
      back={{ to: `/hoi-nghi/${id}/tai-lieu`, text: w.list.title }}
    >
      <Show of={list}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={w.list.none}>
              <p class="quiet">{w.list.noneHint}</p>
            </Empty>
          ) : (
            <>
              {items.length > 1 && (
                <Choice
                  label={w.receipts.choose}
                  value={code}
                  onValue={setChosen}
                  options={items.map((one) => ({ value: one.code, text: one.title, more: one.part?.title }))}
                />
              )}
              {code && <Table key={code} code={code} />}
            </>
          )
        }
      </Show>
    </Page>
  );
}

function Table({ code }: { code: string }) {
  const w = useWords(documents);
  const [limit, setLimit] = useState(50);
  const receipts = useResource(`/documents/${code}/receipts`, { query: { limit } });
  return (
    <Show of={receipts}>
      {({ document, readers, units }) => (
        <section class="stack" aria-label={document.title}>
          <p class="with-icon">
            <Icon name="people" />
            <strong>{w.receipts.readers(formatNumber(readers))}</strong>
          </p>
          {units.items.length === 0 ? (
            <Empty title={w.receipts.none} />
          ) : (
            <>
              <div class="table-wrap">
                <table class="folds receipts">
                  <caption class="unseen">{w.receipts.caption}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{w.receipts.unit}</th>
                      <th scope="col">{w.receipts.expected}</th>
                      <th scope="col">{w.receipts.openedHead}</th>
                      <th scope="col">{w.receipts.wholeHead}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {units.items.map((row) => (
                      <tr key={row.unit.id}>
                        <th scope="row">{row.unit.name}</th>
                        <td class="number" data-label={w.receipts.expected}>
                          {formatNumber(row.expected)}
                        </td>
                        <td class="number" data-label={w.receipts.openedHead}>
                          {formatNumber(row.opened)}
                        </td>
                        <td class="number" data-label={w.receipts.wholeHead}>
                          {formatNumber(row.whole)}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <More
                shown={units.items.length}
                total={units.total}
                onMore={() => setLimit(Math.min(500, limit + 100))}
              />
            </>
          )}
        </section>
      )}
    </Show>
  );
}
