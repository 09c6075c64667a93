import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slide, Viewing } from "../src/api/types";
import { actOf } from "../src/player/keys";
import { agendaStops, nextMissing, nextSlide, slideBefore } from "../src/player/moves";
import { slidesLeft } from "../src/player/spending";
import { clamp, keepPoint, nextStep } from "../src/player/zoom";

const slide = (page: number, at_seconds: number | null, text = ""): Slide => ({
  page,
  at_seconds,
  text,
  url: `/slides/${page}`,
  thumb_url: "",
  width: 960,
  height: 540,
  bytes: 10_000,
});
const SLIDES = [
  slide(1, 0, "Khai mạc"),
  slide(2, 60, "Chuyên đề 1:\nXây dựng nông thôn mới"),
  slide(3, 120),
  slide(4, null),
];

test("goes to the slide after, and stays where there is none", () => {
  assert.equal(nextSlide(SLIDES, 0), 60);
  assert.equal(nextSlide(SLIDES, 59.99), 120);
  assert.equal(nextSlide(SLIDES, 120), null);
});

test("goes back to the beginning of a slide, and right after it to the slide before", () => {
  assert.equal(slideBefore(SLIDES, 100), 60);
  assert.equal(slideBefore(SLIDES, 62), 0);
  assert.equal(slideBefore(SLIDES, 1), null);
});

test("goes from one missing stretch to the next, round to the first, and past what nobody could find", () => {
  const missing: [number, number][] = [
    [10, 20],
    [30, 31],
    [50, 90],
  ];
  assert.equal(nextMissing(missing, 0), 10);
  assert.equal(nextMissing(missing, 10), 50);
  assert.equal(nextMissing(missing, 70), 10);
  assert.equal(nextMissing([[30, 31]], 0), null);
});

test("finds where a part of the agenda begins: by the server's word, or by the slide that bears its title", () => {
  const part = (title: string, at_seconds: number | null) => ({ title, at_seconds });
  assert.deepEqual(
    agendaStops([part("Xây dựng nông thôn mới", null), part("Bế mạc", 300), part("Giải lao", null)], SLIDES),
    [
      { title: "Xây dựng nông thôn mới", at: 60 },
      { title: "Bế mạc", at: 300 },
    ],
  );
});

const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("knows the keys, whatever Shift and Caps Lock do, and leaves the browser its own", () => {
  assert.equal(actOf(press(" "), true), "toggle");
  assert.equal(actOf(press("K"), true), "toggle");
  assert.equal(actOf(press("ArrowRight"), true), "on");
  assert.equal(actOf(press("."), true), "faster");
  assert.equal(actOf(press("l", { ctrlKey: true }), true), null);
  assert.equal(actOf(press("x"), true), null);
});

test("keeps space and the arrows where letters are switched off", () => {
  assert.equal(actOf(press("k"), false), null);
  assert.equal(actOf(press(" "), false), "toggle");
  assert.equal(actOf(press("ArrowLeft"), false), "back");
});

test("enlarges in steps and comes back to the whole picture", () => {
  assert.deepEqual([1, 2, 4].map(nextStep), [2, 4, 1]);
  assert.equal(nextStep(2.7), 4);
  assert.deepEqual([0.3, 2.5, 9].map(clamp), [1, 2.5, 4]);
});

test("keeps the point under the fingers where it is", () => {
  const scrolled = keepPoint(0, 100, 1, 2);
  // What lay 100 px into the picture lies at 200 px now, and still 100 px from the edge of the frame.
  assert.equal(scrolled, 100);
  assert.equal(keepPoint(scrolled, 100, 2, 1), 0);
});

test("tells what is still to be fetched: the rest of the sound, and the pages not seen yet", () => {
  const viewing = {
    duration_seconds: 180,
    slides: [...SLIDES, slide(1, 150)],
    speech: [{ bit_rate: 16_000 }],
  } as Viewing;
  assert.equal(slidesLeft(viewing, 0), 360_000 + 20_000);
  assert.equal(slidesLeft(viewing, 90), 180_000 + 10_000);
  assert.equal(slidesLeft(viewing, 180), 0);
});
