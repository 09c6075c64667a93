/** Numbers, dates and amounts as a reader in Viet Nam writes them; the hour is always the one on the wall in Ha Noi. */

import { language, words } from "./i18n";
import { last } from "./last";

/** Viet Nam has kept UTC+7 all year since 1975, so no time zone data needs to be loaded. */
const HANOI_OFFSET_MS = 7 * 3_600_000;

const two = (n: number) => String(n).padStart(2, "0");

/** 11873 → "11.873" in Vietnamese, "11,873" in English. */
export function formatNumber(value: number): string {
  const separator = language() === "en" ? "," : ".";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, separator);
}

/** 4.25 → "4,3" in Vietnamese; whole numbers keep no decimal. */
export function formatDecimal(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  if (Number.isInteger(rounded)) return formatNumber(rounded);
  const [whole, tenth] = rounded.toFixed(1).split(".");
  return `${formatNumber(Number(whole))}${language() === "en" ? "." : ","}${tenth}`;
}

/** A ratio of 0..1 as "97,4 %". Rounded down, so that nobody reads 100 % while someone is missing. */
export function formatPercent(ratio: number): string {
  return `${formatDecimal(Math.floor(ratio * 1000 + 1e-6) / 10)} %`;
}

/** Bytes as whole or tenth megabytes: people buy data by the MB. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${formatDecimal(bytes / 1e9)} GB`;
  if (bytes >= 1e7) return `${formatNumber(bytes / 1e6)} MB`;
  if (bytes >= 1e5) return `${formatDecimal(bytes / 1e6)} MB`;
  return `${formatNumber(Math.ceil(bytes / 1000))} KB`;
}

interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** 0 is Sunday. */
  weekday: number;
}

export function wallClock(moment: string | Date): WallClock {
  const shifted = new Date(new Date(moment).getTime() + HANOI_OFFSET_MS);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    weekday: shifted.getUTCDay(),
  };
}

/** "22/11/2026" */
export function formatDate(moment: string | Date): string {
  const c = wallClock(moment);
  return `${two(c.day)}/${two(c.month)}/${c.year}`;
}

/** A plain calendar day "2026-11-22", which belongs to no time zone, as "22/11/2026". */
export function formatDay(day: string): string {
  const [year, month, date] = day.split("-");
  return `${date}/${month}/${year}`;
}

/** "14:05" */
export function formatTime(moment: string | Date): string {
  const c = wallClock(moment);
  return `${two(c.hour)}:${two(c.minute)}`;
}

/** "22/11/2026 14:05" */
export function formatMoment(moment: string | Date): string {
  return `${formatDate(moment)} ${formatTime(moment)}`;
}

/** "Chủ nhật, 22/11/2026" */
export function formatWeekday(moment: string | Date): string {
  return `${words().weekdays[wallClock(moment).weekday]}, ${formatDate(moment)}`;
}

/** "14:05–16:30, Chủ nhật 22/11/2026", or both days where the span crosses midnight. */
export function formatSpan(from: string, to: string): string {
  if (formatDate(from) === formatDate(to)) return `${formatTime(from)}–${formatTime(to)}, ${formatWeekday(from)}`;
  return `${formatMoment(from)} – ${formatMoment(to)}`;
}

/** A position in a recording: "4:07", "1:04:07". */
export function formatPosition(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A length in words: "45 giây", "12 phút", "1 giờ 5 phút". */
export function formatDuration(seconds: number): string {
  const w = words();
  if (seconds < 60) return w.seconds(Math.max(0, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return w.minutes(minutes);
  const rest = minutes % 60;
  return rest === 0 ? w.hours(Math.floor(minutes / 60)) : `${w.hours(Math.floor(minutes / 60))} ${w.minutes(rest)}`;
}

/** The minutes that stretches touch, counted from 1 as a listener does: [[0, 61], [65, 70]] → ["1-2"]. */
export function formatMinutes(stretches: readonly (readonly [number, number])[]): string[] {
  const ranges: [number, number][] = [];
  for (const [from, to] of stretches) {
    const first = Math.floor(from / 60) + 1;
    const final = Math.max(first, Math.ceil(to / 60));
    const before = last(ranges);
    if (before && first <= before[1]) before[1] = Math.max(before[1], final);
    else ranges.push([first, final]);
  }
  return ranges.map(([first, final]) => (first === final ? String(first) : `${first}-${final}`));
}

/** "22/11/2026" and "14:05", as typed, into an ISO moment with Ha Noi's zone; null when they are not a real moment. */
export function parseMoment(day: string, time: string): string | null {
  const date = parseDay(day);
  const clock = /^(\d{1,2})[:hg.]?(\d{2})?$/i.exec(time.trim());
  if (!date || !clock) return null;
  const hour = Number(clock[1]);
  const minute = Number(clock[2] ?? "0");
  return hour > 23 || minute > 59 ? null : `${date}T${two(hour)}:${two(minute)}:00+07:00`;
}

/** "22/11/2026" as typed into "2026-11-22"; null when there is no such day. */
export function parseDay(day: string): string | null {
  const match = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/.exec(day.trim());
  if (!match) return null;
  const [date, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const real = new Date(Date.UTC(year, month - 1, date));
  if (real.getUTCMonth() !== month - 1 || real.getUTCDate() !== date) return null;
  return `${year}-${two(month)}-${two(date)}`;
}
