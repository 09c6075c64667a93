import assert from "node:assert/strict";
import { test } from "node:test";
import { type Look, Recorder } from "../src/player/recorder";

/** A recorder whose clock the test moves. */
function start() {
  let now = 0;
  const recorder = new Recorder(() => now);
  const look = (clock: number, at: number, more: Partial<Look> = {}) => {
    now = clock;
    recorder.look({ at, rate: 1, playing: true, hidden: false, muted: false, ...more });
  };
  return { recorder, look };
}

test("reports one stretch for steady playing, with the span of its own clock", () => {
  const { recorder, look } = start();
  for (let second = 0; second <= 15; second++) look(second, 100 + second);
  assert.deepEqual(recorder.take(), {
    seq: 0,
    span_start: 0,
    span_end: 15,
    played: [[100, 115, 1]],
    hidden_seconds: 0,
    muted_seconds: 0,
  });
});

test("numbers beats on, lets spans touch and never overlap", () => {
  const { recorder, look } = start();
  look(0, 0);
  look(10, 10);
  const first = recorder.take();
  look(20, 20);
  const second = recorder.take();
  assert.equal(first?.span_end, second?.span_start);
  assert.deepEqual([first?.seq, second?.seq], [0, 1]);
  assert.deepEqual(second?.played, [[10, 20, 1]]);
});

test("does not report a jump as played, told or not", () => {
  const { recorder, look } = start();
  look(0, 0);
  look(5, 5);
  recorder.jump();
  look(5.2, 900);
  look(6.2, 901);
  look(7, 1500);
  look(8, 1501);
  assert.deepEqual(recorder.take()?.played, [
    [0, 5, 1],
    [900, 901, 1],
    [1500, 1501, 1],
  ]);
});

test("does not report going back as played", () => {
  const { recorder, look } = start();
  look(0, 50);
  look(10, 60);
  look(11, 20);
  assert.deepEqual(recorder.take()?.played, [[50, 60, 1]]);
});

test("keeps stretches of different rates apart", () => {
  const { recorder, look } = start();
  look(0, 0);
  look(4, 4, { rate: 1.5 });
  look(8, 10, { rate: 1.5 });
  assert.deepEqual(recorder.take()?.played, [
    [0, 4, 1],
    [4, 10, 1.5],
  ]);
});

test("reports a long stretch between two looks, as from a page whose timers sleep", () => {
  const { recorder, look } = start();
  look(0, 0, { hidden: true });
  look(60, 60, { hidden: true });
  const beat = recorder.take();
  assert.deepEqual(beat?.played, [[0, 60, 1]]);
  assert.equal(beat?.hidden_seconds, 60);
});

test("counts muted time only while something plays", () => {
  const { recorder, look } = start();
  look(0, 0, { muted: true });
  look(5, 5, { muted: true, playing: false });
  look(30, 5, { playing: false });
  assert.equal(recorder.take()?.muted_seconds, 5);
});

test("has no beat when nothing was played, and starts the next span later", () => {
  const { recorder, look } = start();
  look(0, 0, { playing: false });
  look(20, 0, { playing: false });
  assert.equal(recorder.take(), null);
  look(20, 0);
  look(25, 5);
  const beat = recorder.take();
  assert.deepEqual([beat?.seq, beat?.span_start, beat?.span_end], [0, 20, 25]);
});

test("never reports more than the clock allows, whatever a script does to the position", () => {
  const { recorder, look } = start();
  for (let i = 0; i <= 40; i++) look(i * 0.25, i * 4);
  assert.equal(recorder.take(), null);
});
