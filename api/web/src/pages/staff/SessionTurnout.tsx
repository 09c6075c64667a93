import { useResource } from "../../api/resource";
import type { MomentTotal, Session, Turnout } from "../../api/types";
import { formatDecimal, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { turnout } from "../../i18n/vi/turnout";
import { Ghosts, Show } from "../../parts/show";

const MOMENTS = ["start", "middle", "end"] as const;

/** What all points of a conference counted, part by part, and how many have not. */
export function SessionTurnout({ session }: { session: Session }) {
  const w = useWords(turnout);
  const moments = useResource(`/sessions/${session.id}/turnout/moments`);
  const figures = useResource(`/sessions/${session.id}/turnout`);
  return (
    <div class="stack">
      <Show of={figures} ghosts={<Ghosts count={1} height={120} />}>
        {(rows) =>
          rows.length === 0 ? (
            <p>{w.turnout.nothing}</p>
          ) : (
            <Show of={moments} ghosts={<Ghosts count={1} height={120} />} within>
              {(totals) => <Table session={session} rows={rows} totals={totals} />}
            </Show>
          )
        }
      </Show>
    </div>
  );
}

function Table({ session, rows, totals }: { session: Session; rows: Turnout[]; totals: MomentTotal[] }) {
  const w = useWords(turnout);
  const at = (part: string, moment: MomentTotal["moment"]) =>
    totals.find((one) => one.part_id === part && one.moment === moment);
  const whole = rows.find((one) => one.part_id === null);
  return (
    <>
      <p class="quiet">{w.turnout.lead}</p>
      <div class="table-wrap">
        <table class="folds">
          <thead>
            <tr>
              <th scope="col">{w.turnout.part}</th>
              {MOMENTS.map((moment) => (
                <th key={moment} scope="col">
                  {w.moments[moment]}
                </th>
              ))}
              <th scope="col">{w.turnout.peak}</th>
              <th scope="col">{w.turnout.median}</th>
              <th scope="col">{w.turnout.silent}</th>
            </tr>
          </thead>
          <tbody>
            {session.parts.map((part) => (
              <tr key={part.id}>
                <th scope="row">{part.title}</th>
                {MOMENTS.map((moment) => (
                  <MomentCell key={moment} label={w.moments[moment]} total={at(part.id, moment)} />
                ))}
                <Figures of={rows.find((one) => one.part_id === part.id)} />
                <td data-label={w.turnout.silent}>{formatNumber(at(part.id, null)?.uncounted ?? 0)}</td>
              </tr>
            ))}
          </tbody>
          {session.parts.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row">{w.turnout.whole}</th>
                <td colSpan={MOMENTS.length} />
                <Figures of={whole} />
                <td />
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </>
  );
}

function MomentCell({ label, total }: { label: string; total: MomentTotal | undefined }) {
  const w = useWords(turnout);
  const counted = total && total.points > 0;
  return (
    <td data-label={label}>
      {counted ? formatNumber(total.present ?? 0) : "–"}
      {counted && total.uncounted > 0 && (
        <div class="quiet small">{w.turnout.uncounted(formatNumber(total.uncounted))}</div>
      )}
    </td>
  );
}

function Figures({ of }: { of: Turnout | undefined }) {
  const w = useWords(turnout);
  return (
    <>
      <td data-label={w.turnout.peak}>{of ? formatNumber(of.peak) : "–"}</td>
      <td data-label={w.turnout.median}>{of ? formatDecimal(of.median) : "–"}</td>
    </>
  );
}
