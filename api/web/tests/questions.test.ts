import assert from "node:assert/strict";
import { test } from "node:test";
import { NoLink, Problem } from "../src/api/client";
import type { Prompt, PromptOutcome } from "../src/api/types";
import { Questions } from "../src/player/questions";

const prompt = (id: string): Prompt => ({
  id,
  kind: "code",
  question: "",
  at_seconds: 60,
  seconds_left: 90,
  choices: [],
  picture_url: null,
  spoken: null,
});
const noted = { outcome: "wrong", message: "Chưa đúng." } as PromptOutcome;

/** Questions whose clock the test moves and whose server answers as it is told; an Error stands for a refusal. */
function start(answers: (PromptOutcome | Error)[] = []) {
  const world = {
    now: 0,
    asked: 0,
    done: 0,
    shown: [] as string[],
    sent: [] as string[],
    answers,
    shownFails: 0,
    asking: prompt("a") as Prompt | null,
  };
  const questions = new Questions({
    sendShown: async (id) => {
      world.shown.push(id);
      if (world.shownFails-- > 0) throw new NoLink();
      return world.asking;
    },
    sendAnswer: async (id, answer) => {
      world.sent.push(`${id} ${answer}`);
      const next = world.answers.shift() ?? noted;
      if (next instanceof Error) throw next;
      return next;
    },
    onAsked: () => world.asked++,
    onDone: () => world.done++,
    clock: () => world.now,
    retryMs: 1,
  });
  const passing = (seconds: number) => {
    world.now += seconds;
    questions.tick();
  };
  return { world, questions, passing, phase: () => questions.state.get()?.phase };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

test("asks each question once, however often it comes", () => {
  const { world, questions } = start();
  questions.hear(prompt("a"));
  questions.hear(prompt("a"));
  questions.hear(null);
  assert.equal(world.asked, 1);
  questions.end();
});

test("lets no time run before the question was on the screen, and says when it was", async () => {
  const { world, questions, passing, phase } = start();
  questions.hear(prompt("a"));
  passing(600);
  assert.equal(phase(), "asked");
  assert.deepEqual(world.shown, []);
  questions.show();
  questions.show();
  await soon();
  assert.deepEqual(world.shown, ["a"]);
  passing(40);
  assert.equal(questions.state.get()?.secondsLeft, 50);
  questions.end();
});

test("keeps the server's time where that began before anybody looked", async () => {
  const { world, questions, passing, phase } = start();
  world.asking = { ...prompt("a"), seconds_left: 30 };
  questions.hear(prompt("a"));
  questions.show();
  await soon();
  passing(10);
  assert.equal(questions.state.get()?.secondsLeft, 20);
  passing(21);
  assert.equal(phase(), "missed");
});

test("is missed where the server has given up on it already", async () => {
  const { world, questions, phase } = start();
  world.asking = null;
  questions.hear(prompt("a"));
  questions.show();
  await soon();
  assert.equal(phase(), "missed");
});

test("says until it is heard that the question is on the screen", async () => {
  const { world, questions } = start();
  world.shownFails = 2;
  questions.hear(prompt("a"));
  questions.show();
  await soon();
  assert.deepEqual(world.shown, ["a", "a", "a"]);
  questions.end();
});

test("holds the replay for who missed it until they go on, and shows the next question", () => {
  const { world, questions, passing, phase } = start();
  questions.hear(prompt("a"));
  questions.show();
  passing(91);
  assert.equal(phase(), "missed");
  assert.equal(world.done, 0);
  questions.dismiss();
  assert.equal(world.done, 1);
  questions.hear(prompt("b"));
  assert.equal(phase(), "asked");
  questions.end();
});

test("goes on at once with the answer, and shows what the server says of it", async () => {
  const { world, questions, phase } = start();
  questions.hear(prompt("a"));
  questions.show();
  const sending = questions.answer("4719");
  assert.equal(phase(), "sending");
  assert.equal(world.done, 1);
  await sending;
  assert.deepEqual(world.sent, ["a 4719"]);
  assert.equal(questions.state.get()?.message, "Chưa đúng.");
  questions.end();
});

test("sends the answer again where the link fails, also when the time is over", async () => {
  const { world, questions, passing, phase } = start([new NoLink(), new Problem(503, "busy", ""), noted]);
  questions.hear(prompt("a"));
  questions.show();
  const sending = questions.answer("4719");
  passing(500);
  assert.equal(phase(), "sending");
  await sending;
  assert.equal(world.sent.length, 3);
  assert.equal(phase(), "told");
  questions.end();
});

test("drops a question that the server does not know any more", async () => {
  const { questions, phase } = start([new Problem(404, "prompt-not-found", "")]);
  questions.hear(prompt("a"));
  questions.show();
  await questions.answer("4719");
  assert.equal(phase(), undefined);
});

test("takes one answer", async () => {
  const { world, questions } = start();
  questions.hear(prompt("a"));
  questions.show();
  await Promise.all([questions.answer("1"), questions.answer("2")]);
  assert.deepEqual(world.sent, ["a 1"]);
  questions.end();
});
