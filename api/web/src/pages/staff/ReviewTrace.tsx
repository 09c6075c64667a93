import type { ComponentChildren } from "preact";
import type { RoomTrace, Trace } from "../../api/types";
import { formatDecimal, formatDuration, formatMoment, formatNumber, formatPosition, formatTime } from "../../format";
import { language, useWords, type Words } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { Icon, type IconName } from "../../parts/icons";
import { total } from "../../player/covered";
import { deviceOf } from "./deviceOf";
import {
  type Bar,
  bar,
  clockSeconds,
  lapseBars,
  lookOf,
  type Mark,
  marks,
  playedBars,
  recordingBars,
  type Step,
  steps,
} from "./reviewLanes";

type ReviewWords = Words<typeof review>;

/** One viewing: along the clock what happened when, along the recording what of it was played and counts. */
export function ReviewTrace({ trace }: { trace: Trace }) {
  const w = useWords(review);
  const seconds = clockSeconds(trace);
  const played = trace.played.reduce((sum, one) => sum + one.end - one.start, 0);
  return (
    <li class="stack">
      <div class="stack tight">
        <h3>{w.trace.opened(formatMoment(trace.opened_at), trace.ended_at && formatMoment(trace.ended_at))}</h3>
        <p class="quiet small">
          {trace.title} · {deviceOf(trace.user_agent, w.evidence.unknownDevice)} ·{" "}
          {w.trace.beats(formatNumber(trace.beats))}
        </p>
        <Remarks trace={trace} />
      </div>
      {trace.played.length === 0 && trace.asked.length === 0 ? (
        <p>{w.trace.nothing}</p>
      ) : (
        <>
          <p>{w.trace.summary(formatDuration(played), formatDuration(total(trace.covered)))}.</p>
          <Lanes title={w.trace.onClock} axis={clockAxis(trace.opened_at, seconds)}>
            <Lane name={w.trace.played} bars={playedBars(trace, seconds)} />
            {trace.hidden.length > 0 && (
              <Lane name={w.trace.hidden} kind="hidden" bars={lapseBars(trace.hidden, seconds)} />
            )}
            {trace.muted.length > 0 && (
              <Lane name={w.trace.muted} kind="muted" bars={lapseBars(trace.muted, seconds)} />
            )}
            {trace.asked.length > 0 && <Lane name={w.trace.asked} bars={[]} marks={marks(trace, seconds)} />}
          </Lanes>
          <Lanes title={w.trace.onRecording} axis={recordingAxis(trace.length_seconds)}>
            <Lane name={w.trace.counted} kind="recording" bars={recordingBars(trace)} />
          </Lanes>
          <Legend trace={trace} />
          <InWords trace={trace} />
        </>
      )}
    </li>
  );
}

function Remarks({ trace }: { trace: Trace }) {
  const w = useWords(review);
  const next = trace.superseded_by;
  return (
    <>
      {trace.claimed_at && <Remark icon="unlink">{w.trace.offline(formatMoment(trace.claimed_at))}</Remark>}
      {next !== null && <Remark icon="phone">{w.trace.superseded(deviceOf(next, w.evidence.unknownDevice))}</Remark>}
      <Doubts doubts={trace.doubts} />
    </>
  );
}

function Doubts({ doubts }: { doubts: string[] }) {
  return (
    <>
      {doubts.map((doubt) => (
        <p key={doubt} class="with-icon doubt">
          <Icon name="warning" />
          <span>{doubt}</span>
        </p>
      ))}
    </>
  );
}

function Remark({ icon, children }: { icon: IconName; children: ComponentChildren }) {
  return (
    <p class="with-icon">
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  );
}

/** Several lanes above one axis. What they show is told in words below, so they are hidden from screen readers. */
function Lanes({ title, axis, children }: { title: string; axis: string[]; children: ComponentChildren }) {
  return (
    <div class="lanes" aria-hidden="true">
      <p class="lanes-title">{title}</p>
      {children}
      <div class="lane-axis number">
        {axis.map((label, i) => (
          <span key={i}>{label}</span>
        ))}
      </div>
    </div>
  );
}

const MARKS: Record<Mark["state"], IconName> = {
  planned: "clock",
  open: "clock",
  answered: "check",
  wrong: "cross",
  missed: "clock",
};

function Lane({ name, kind = "", bars, marks = [] }: { name: string; kind?: string; bars: Bar[]; marks?: Mark[] }) {
  return (
    <div class="lane">
      <span class="lane-name">{name}</span>
      <div class={`lane-strip ${kind} ${marks.length > 0 ? "of-marks" : ""}`}>
        {bars.map((one, i) => (
          <i key={i} class={one.look} style={{ left: `${one.left}%`, width: `${one.width}%` }} />
        ))}
        {marks.map((one, i) => (
          <b key={i} class={one.state} style={{ left: `${one.left}%` }}>
            <Icon name={MARKS[one.state]} />
          </b>
        ))}
      </div>
    </div>
  );
}

function Legend({ trace }: { trace: Trace }) {
  const { trace: w } = useWords(review);
  const looks = new Set(trace.played.map((one) => lookOf(one.rate)));
  const drawn = new Set(recordingBars(trace).map((one) => one.look));
  const keys: [shown: boolean, kind: string, look: string, text: string][] = [
    [looks.has("natural"), "", "natural", w.natural],
    [looks.has("faster"), "", "faster", w.faster],
    [looks.has("slower"), "", "slower", w.slower],
    [trace.hidden.length > 0, "hidden", "lapse", w.hiddenLong],
    [trace.muted.length > 0, "muted", "lapse", w.mutedLong],
    [drawn.has("counted"), "recording", "counted", w.countedLong],
    [drawn.has("played"), "recording", "played", w.notCounted],
    [true, "recording", "", w.neverPlayed],
  ];
  return (
    <ul class="lane-keys" aria-hidden="true">
      {keys
        .filter(([shown]) => shown)
        .map(([, kind, look, text]) => (
          <li key={text}>
            <span class={`lane-strip ${kind}`}>{look && <i class={look} style={{ left: 0, width: "100%" }} />}</span>
            {text}
          </li>
        ))}
    </ul>
  );
}

function InWords({ trace }: { trace: Trace }) {
  const w = useWords(review);
  return (
    <details>
      <summary>
        <Icon name="down" />
        {w.trace.inWords}
      </summary>
      <ol class="stack tight small">
        {steps(trace).map((step, i) => (
          <li key={i}>
            <span class="number">{timeAfter(trace.opened_at, step.after)}</span>: {said(step, w)}
          </li>
        ))}
      </ol>
    </details>
  );
}

function said(step: Step, { trace: w }: ReviewWords): string {
  if (step.kind === "asked") {
    const took = step.one.answer_seconds === null ? "" : ` ${w.after(formatDecimal(step.one.answer_seconds))}`;
    const outcome = `${w.outcomes[step.one.state]}${took}`;
    return w.askedLine(w.kinds[step.one.kind ?? "code"], formatPosition(step.one.at_seconds), outcome);
  }
  if (step.kind === "played") {
    return w.playedLine(formatPosition(step.one.at), formatPosition(step.one.to), formatRate(step.one.rate));
  }
  return (step.kind === "hidden" ? w.hiddenLine : w.mutedLine)(formatDuration(step.one.seconds));
}

/** 1.25 → "1,25" in Vietnamese: a player's rates have two decimals. */
const formatRate = (rate: number) => String(Math.round(100 * rate) / 100).replace(".", language() === "en" ? "." : ",");

const later = (moment: string, seconds: number) => new Date(new Date(moment).getTime() + 1000 * seconds);

function timeAfter(moment: string, seconds: number): string {
  const at = later(moment, seconds);
  return `${formatTime(at)}:${String(at.getUTCSeconds()).padStart(2, "0")}`;
}

const clockAxis = (moment: string, seconds: number) =>
  [0, 0.5, 1].map((share) =>
    (seconds < 600 ? timeAfter : (m: string, s: number) => formatTime(later(m, s)))(moment, share * seconds),
  );

const recordingAxis = (length: number) => [0, 0.5, 1].map((share) => formatPosition(share * length));

/** A group replay: when the person was in the room, how they were checked in, and what of the recording they saw. */
export function ReviewRoom({ room }: { room: RoomTrace }) {
  const w = useWords(review);
  const seconds = Math.max(60, ...room.times.map(([, to]) => to), ...room.arrivals.map((one) => since(room, one.at)));
  return (
    <li class="stack">
      <div class="stack tight">
        <h3>{w.trace.opened(formatMoment(room.opened_at), room.ended_at && formatMoment(room.ended_at))}</h3>
        <p class="quiet small">
          {room.title} · {w.trace.room(room.room, room.proctor)}
        </p>
        {room.signed_at && (
          <p class="small">
            {w.trace.signed(formatMoment(room.signed_at))} {room.statement}
          </p>
        )}
        <Doubts doubts={room.doubts} />
      </div>
      <Lanes title={w.trace.onClock} axis={clockAxis(room.opened_at, seconds)}>
        <Lane name={w.trace.watched} bars={room.times.map(([from, to]) => bar("natural", from, to, seconds))} />
        <Lane
          name={w.trace.checkedIn}
          bars={[]}
          marks={room.arrivals.map((one) => ({ left: (100 * since(room, one.at)) / seconds, state: "answered" }))}
        />
      </Lanes>
      <Lanes title={w.trace.onRecording} axis={recordingAxis(room.length_seconds)}>
        <Lane
          name={w.trace.counted}
          kind="recording"
          bars={room.covered.map(([from, to]) => bar("counted", from, to, room.length_seconds))}
        />
      </Lanes>
      <ol class="stack tight small">
        {room.arrivals.map((one) => (
          <li key={`${one.at} ${one.method}`}>
            <span class="number">{formatTime(one.at)}</span>: {w.trace.arrivalLine(w.trace.methods[one.method])}
          </li>
        ))}
      </ol>
    </li>
  );
}

const since = (room: RoomTrace, moment: string) =>
  Math.max(0, (new Date(moment).getTime() - new Date(room.opened_at).getTime()) / 1000);
