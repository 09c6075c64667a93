import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { address, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Participation, ParticipationRow, Session, Tally } from "../../api/types";
import type { PageProps } from "../../app";
import { formatDate, formatMoment, formatNumber, formatPercent } from "../../format";
import { useWords } from "../../i18n";
import { staff } from "../../i18n/vi/staff";
import { technician } from "../../i18n/vi/technician";
import { turnout } from "../../i18n/vi/turnout";
import { CalledOff } from "../../parts/calledOff";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { setQuery, useAddress } from "../../router";
import { MeetingLinks } from "./MeetingLinks";
import { RateBar } from "./RateBar";
import "./staff.css";

/** Who took part, by unit, against the target; a click on a unit goes one level down. */
export function ParticipationPage({ id }: PageProps) {
  const w = useWords(staff, technician);
  const unitId = useAddress().query.get("don_vi");
  const table = useResource(`/sessions/${id}/participation`, { query: { unit_id: unitId } });
  const session = useResource(`/sessions/${id}`);
  return (
    <Page
      title={session.data?.title ?? w.participation.title}
      lead={session.data && formatDate(session.data.starts_at)}
      back={{ to: "/can-bo", text: w.participation.home }}
    >
      <Show of={session} ghosts={<Ghosts count={6} height={52} />}>
        {(known) => (
          <>
            <CalledOff session={known} figures />
            <Acts session={known} onChange={session.replace} />
            {known.counts.points > 0 && !known.cancelled_at && <Counted session={known} />}
            <Show of={table} ghosts={<Ghosts count={6} height={52} />}>
              {(data) => (
                <section class="stack">
                  <div class="line apart">
                    <h2>{data.unit.name}</h2>
                    <div class="line">
                      {unitId && (
                        <Button kind="second" icon="back" onClick={() => history.back()}>
                          {w.participation.up}
                        </Button>
                      )}
                      <a
                        class="button second"
                        href={address(`/sessions/${id}/participation.csv`, { unit_id: unitId })}
                        download
                      >
                        <Icon name="file" />
                        {w.participation.csv}
                      </a>
                    </div>
                  </div>
                  {data.total.expected === 0 ? (
                    <Empty title={w.participation.nobody}>
                      <p class="quiet">{w.participation.nobodyHint}</p>
                    </Empty>
                  ) : (
                    <Table data={data} sessionId={id} />
                  )}
                </section>
              )}
            </Show>
          </>
        )}
      </Show>
    </Page>
  );
}

function Acts({ session, onChange }: { session: Session; onChange: (session: Session) => void }) {
  const w = useWords(staff, technician);
  const action = useAction();
  const close = () => {
    if (confirm(w.participation.closeSure)) {
      void action.run(async () => onChange(await post(`/sessions/${session.id}/close`)));
    }
  };
  return (
    <section class="stack tight">
      <Failure error={action.error} />
      {session.closed_at && <Notice tone="plain">{w.conference.closedAt(formatMoment(session.closed_at))}</Notice>}
      <div class="line">
        <a class="button second" href={`/hoi-nghi/${session.id}`}>
          <Icon name="calendar" />
          {w.participation.openConference}
        </a>
        {session.can.report && (
          <a class="button second" href={`/can-bo/${session.id}/trieu-tap`}>
            <Icon name="people" />
            {w.summons.title}
          </a>
        )}
        {session.can.report && <MeetingLinks sessionId={session.id} />}
        {session.can.report && !session.closed_at && !session.cancelled_at && (
          <Button kind="second" icon="lock" busy={action.busy} onClick={close}>
            {w.participation.close}
          </Button>
        )}
      </div>
    </section>
  );
}

/** What the points counted, fetched with its code when somebody wants to see it. */
function Counted({ session }: { session: Session }) {
  const w = useWords(turnout);
  const [Found, show] = useState<ComponentType<{ session: Session }> | null>(null);
  const action = useAction();
  const load = async () => {
    const { SessionTurnout } = await import("./SessionTurnout");
    show(() => SessionTurnout);
  };
  return (
    <details onToggle={() => void action.run(load)}>
      <summary>
        <Icon name="down" />
        {w.turnout.title}
      </summary>
      <Failure error={action.error} />
      {Found && <Found session={session} />}
    </details>
  );
}

const COLUMNS = ["expected", "exempt", "live", "replay", "group", "credited"] as const;

function Table({ data, sessionId }: { data: Participation; sessionId: string }) {
  const w = useWords(staff, technician);
  return (
    <>
      {data.total.rate !== null && <p class="quiet">{w.participation.target(formatPercent(data.target))}</p>}
      <div class="table-wrap">
        <table class="folds">
          <thead>
            <tr>
              <th scope="col">{w.unit}</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {w.participation.columns[column]}
                </th>
              ))}
              <th scope="col">{w.participation.columns.rate}</th>
              <th scope="col">
                <span class="unseen">{w.participation.people}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => (
              <UnitRow key={row.unit.id} row={row} target={data.target} sessionId={sessionId} ownId={data.unit.id} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{w.participation.total}</th>
              <Cells tally={data.total} target={data.target} />
              <td class="full" />
            </tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}

function UnitRow({
  row,
  target,
  sessionId,
  ownId,
}: {
  row: ParticipationRow;
  target: number;
  sessionId: string;
  ownId: string;
}) {
  const w = useWords(staff, technician);
  const own = row.unit.id === ownId;
  const deeper = `/can-bo/${sessionId}?don_vi=${row.unit.id}`;
  return (
    <tr>
      <th scope="row">
        {row.has_children && !own ? (
          <a href={deeper} onClick={(event) => openUnit(event, row.unit.id)}>
            {row.unit.name}
          </a>
        ) : (
          <span>
            {row.unit.name}
            {own && <span class="quiet"> ({w.participation.itself})</span>}
          </span>
        )}
      </th>
      <Cells tally={row} target={target} />
      <td class="full">
        <a class="crumb" href={`/can-bo/${sessionId}/danh-sach?don_vi=${row.unit.id}`}>
          {w.participation.people}
        </a>
      </td>
    </tr>
  );
}

function openUnit(event: MouseEvent, unitId: string): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setQuery("don_vi", unitId);
}

function Cells({ tally, target }: { tally: Tally; target: number }) {
  const w = useWords(staff, technician);
  return (
    <>
      {COLUMNS.map((column) => (
        <td key={column} data-label={w.participation.columns[column]}>
          {formatNumber(tally[column])}
        </td>
      ))}
      <td class="full">
        <RateBar rate={tally.rate} target={target} />
      </td>
    </>
  );
}
