import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { get, post } from "../../api/client";
import type { MeetingRow, Part } from "../../api/types";
import { useWords } from "../../i18n";
import { meetings } from "../../i18n/vi/meetings";
import { Picker } from "../../parts/picker";
import { Button, Failure, Tag, type Tone } from "../../parts/show";

interface Props {
  row: MeetingRow;
  parts: Part[];
  logId: string;
  ticked: boolean;
  onTick: () => void;
  onChange: () => void;
}

/** One name of a log: what was written, whom it was taken for and why, how long they were there, and what to do. */
export function MeetingLine({ row, parts, logId, ticked, onTick, onChange }: Props) {
  const w = useWords(meetings);
  const [correcting, setCorrecting] = useState(false);
  const open = row.state === "proposed";
  return (
    <li class="log-row">
      {open && (
        <label class="choice">
          <input type="checkbox" aria-label={row.name} checked={ticked} onChange={onTick} />
          <span />
        </label>
      )}
      <div class="stack tight log-said">
        <Said row={row} parts={parts} />
        {row.state !== "accepted" && !correcting && (
          <div>
            <Button kind="plain" icon="search" onClick={() => setCorrecting(true)}>
              {w.rows.correct}
              <span class="unseen">: {row.name}</span>
            </Button>
          </div>
        )}
      </div>
      {correcting && (
        <Correct
          row={row}
          logId={logId}
          onDone={() => {
            setCorrecting(false);
            onChange();
          }}
        />
      )}
    </li>
  );
}

const TONES: Record<MeetingRow["matched_by"], Tone> = {
  number: "good",
  email: "good",
  name: "good",
  unaccented: "good",
  order: "good",
  hand: "good",
  likeness: "warn",
  homonym: "warn",
  none: "bad",
};

function Said({ row, parts }: { row: MeetingRow; parts: Part[] }) {
  const w = useWords(meetings);
  return (
    <>
      <div>
        <strong>{row.name}</strong>{" "}
        <span class="quiet small">
          {w.rows.row(row.row)}
          {row.email && ` · ${row.email}`}
        </span>
      </div>
      <Whom row={row} />
      <div class="quiet small">{minutes(w, row, parts)}</div>
      <div class="line">
        <Tag tone={row.confidence < 0.9 && TONES[row.matched_by] === "good" ? "warn" : TONES[row.matched_by]}>
          {w.rows.by[row.matched_by]}
        </Tag>
        {row.state === "accepted" && <Tag tone="good">{w.rows.accepted}</Tag>}
        {row.state === "refused" && (
          <Tag tone="plain" icon="cross">
            {w.rows.refused}
          </Tag>
        )}
      </div>
    </>
  );
}

function Whom({ row }: { row: MeetingRow }) {
  const w = useWords(meetings);
  if (row.kind === "room") {
    return (
      <div>
        {row.point ? w.rows.room(row.point.name) : w.rows.noRoom}
        {row.said_count !== null && ` · ${w.rows.said(row.said_count)}`}
      </div>
    );
  }
  if (!row.person) return null;
  return (
    <div>
      {row.person.full_name} · {row.person.unit.name}
      {row.point && <span class="quiet"> · {w.rows.attends(row.point.name)}</span>}
    </div>
  );
}

function minutes(w: ReturnType<typeof wordsOf>, row: MeetingRow, parts: Part[]): string {
  const told = parts.flatMap((part) => {
    const there = row.presences.find((one) => one.part_id === part.id);
    if (!there) return [];
    const whole = Math.round((Date.parse(part.ends_at) - Date.parse(part.starts_at)) / 60_000);
    const [least, most] = [Math.round(there.seconds / 60), Math.round(there.most_seconds / 60)];
    return [least === most ? w.rows.minutes(part.title, least, whole) : w.rows.between(part.title, least, most, whole)];
  });
  return told.join(" · ") || w.rows.nowhere;
}
const wordsOf = () => useWords(meetings);

type Target = { person_id: string } | { session_point_id: string };

function Correct({ row, logId, onDone }: { row: MeetingRow; logId: string; onDone: () => void }) {
  const w = useWords(meetings);
  const action = useAction();
  const take = (target: Target) =>
    action.run(async () => {
      await post(`/meeting-logs/${logId}/rows/${row.id}`, target);
      onDone();
    });
  const find = async (typed: string) => {
    const { people, points } = await get(`/meeting-logs/${logId}/choices`, { q: typed });
    return [
      ...people.map((one) => ({
        id: one.id,
        text: one.full_name,
        more: [one.unit.name, one.member_number].filter(Boolean).join(" · "),
        value: { person_id: one.id } as Target,
      })),
      ...points.map((one) => ({
        id: one.id,
        text: one.name,
        more: w.rows.point,
        value: { session_point_id: one.id } as Target,
      })),
    ];
  };
  return (
    <div class="stack log-correct">
      <Failure error={action.error} />
      {row.others.length + row.other_points.length > 0 && (
        <div class="line">
          <span class="quiet">{w.rows.maybe}</span>
          {row.others.map((one) => (
            <Button key={one.id} kind="second" busy={action.busy} onClick={() => void take({ person_id: one.id })}>
              {one.full_name} · {one.unit.name}
            </Button>
          ))}
          {row.other_points.map((one) => (
            <Button
              key={one.id}
              kind="second"
              busy={action.busy}
              onClick={() => void take({ session_point_id: one.id })}
            >
              {one.name}
            </Button>
          ))}
        </div>
      )}
      <Picker
        label={w.rows.correctTitle(row.name)}
        hint={w.rows.pickHint}
        value={null}
        textOf={() => ""}
        find={find}
        onValue={(target: Target | null) => target && void take(target)}
      />
    </div>
  );
}
