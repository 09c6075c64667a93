import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { ReconciledRow, Session } from "../../api/types";
import type { PageProps } from "../../app";
import { formatNumber, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { meetings } from "../../i18n/vi/meetings";
import { Choice } from "../../parts/form";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Ghosts, Show, Tag } from "../../parts/show";
import "./staff.css";

/** Headcount, check-ins and meeting logs of every point side by side; what differs comes first. */
export function Reconciliation({ id }: PageProps) {
  const w = useWords(meetings);
  const session = useResource(`/sessions/${id}`);
  return (
    <Page
      title={w.reconcile.title}
      lead={session.data?.title ?? null}
      back={{ to: `/can-bo/${id}`, text: w.nav.participation }}
    >
      <Show of={session} ghosts={<Ghosts count={5} height={64} />}>
        {(known) => <OfSession session={known} />}
      </Show>
    </Page>
  );
}

function OfSession({ session }: { session: Session }) {
  const w = useWords(meetings);
  const [partId, setPartId] = useState(session.parts[0]?.id ?? "");
  const [only, setOnly] = useState<"all" | "flagged">("all");
  const [limit, setLimit] = useState(50);
  const table = useResource(`/sessions/${session.id}/reconciliation`, {
    query: { part_id: partId, only_flagged: only === "flagged", limit },
  });
  return (
    <>
      {session.parts.length > 1 && (
        <Choice
          across
          label={w.reconcile.part}
          value={partId}
          onValue={setPartId}
          options={session.parts.map((part) => ({ value: part.id, text: part.title }))}
        />
      )}
      <Show of={table} ghosts={<Ghosts count={5} height={64} />}>
        {({ items, total, flagged, tolerance }) => (
          <section class="stack">
            <p>{w.reconcile.lead(formatPercent(tolerance))}</p>
            <Choice
              across
              label={w.reconcile.show}
              value={only}
              onValue={setOnly}
              options={[
                { value: "all", text: w.reconcile.all },
                { value: "flagged", text: w.reconcile.flagged(formatNumber(flagged)) },
              ]}
            />
            {items.length === 0 ? (
              <Empty title={only === "all" ? w.reconcile.none : w.reconcile.noneFlagged} />
            ) : (
              <Table rows={items} />
            )}
            <More shown={items.length} total={total} onMore={() => setLimit(Math.min(500, limit + 100))} />
          </section>
        )}
      </Show>
    </>
  );
}

function Table({ rows }: { rows: ReconciledRow[] }) {
  const w = useWords(meetings);
  const columns = [
    w.reconcile.point,
    w.reconcile.counted,
    w.reconcile.checkedIn,
    w.reconcile.logged,
    w.reconcile.result,
  ];
  return (
    <div class="table-wrap">
      <table class="folds">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PointRow key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PointRow({ row }: { row: ReconciledRow }) {
  const w = useWords(meetings);
  const known = [row.counted !== null, row.checked_in > 0, row.logged !== null].filter(Boolean).length;
  return (
    <tr>
      <th scope="row">
        <a href={`/diem-cau/${row.id}`}>{row.name}</a>
        <div class="quiet small">{row.unit.name}</div>
      </th>
      <td data-label={w.reconcile.counted}>{row.counted === null ? w.reconcile.unknown : formatNumber(row.counted)}</td>
      <td data-label={w.reconcile.checkedIn}>{formatNumber(row.checked_in)}</td>
      <td data-label={w.reconcile.logged}>
        {row.logged !== null
          ? formatNumber(row.logged)
          : row.rooms > 0
            ? w.reconcile.silent(Math.floor(row.room_seconds / 60))
            : w.reconcile.unknown}
      </td>
      <td class="full">
        {row.flagged ? (
          <Tag tone="bad">{w.reconcile.apart}</Tag>
        ) : known > 1 ? (
          <Tag tone="good">{w.reconcile.agrees}</Tag>
        ) : (
          <Tag tone="plain">{w.reconcile.alone}</Tag>
        )}
      </td>
    </tr>
  );
}
