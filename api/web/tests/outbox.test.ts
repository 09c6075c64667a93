import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { NoLink, Problem } from "../src/api/client";
import { forget, readAll } from "../src/kept/database";
import { type Entry, makeOutbox } from "../src/outbox";

const beat = (seq: number) => ({ seq });

/** A server that can be unreachable or refuse, and what it has taken in the order it came. */
function makeServer() {
  const taken: [string, unknown][] = [];
  const server = {
    taken,
    linked: true,
    refuses: (_path: string, _body: unknown): Error | null => null,
    send: async (path: string, body: unknown) => {
      await Promise.resolve();
      if (!server.linked) throw new NoLink();
      const refusal = server.refuses(path, body);
      if (refusal) throw refusal;
      taken.push([path, body]);
      return { accepted: true };
    },
  };
  return server;
}

const open = (server: ReturnType<typeof makeServer>, account: () => string | null = () => "lan") =>
  makeOutbox({ send: server.send, account });

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  for (const entry of await readAll<Entry>("outbox")) await forget("outbox", entry.id);
});

afterEach(() => mock.timers.reset());

test("keeps entries while there is no link and delivers them in order when there is one", async () => {
  const server = makeServer();
  server.linked = false;
  const outbox = open(server);
  for (const n of [1, 2, 3]) await outbox.add("headcount", `/counts/${n}`, { n }, `count ${n}`);
  await outbox.deliver();
  assert.equal(outbox.linked.get(), false);
  assert.equal(outbox.entries.get().length, 3);
  server.linked = true;
  await outbox.deliver();
  assert.equal(outbox.linked.get(), true);
  assert.deepEqual(
    server.taken.map(([path]) => path),
    ["/counts/1", "/counts/2", "/counts/3"],
  );
  assert.deepEqual(outbox.entries.get(), []);
  assert.deepEqual(await readAll("outbox"), []);
});

test("tries again by itself after a while", async () => {
  const server = makeServer();
  server.linked = false;
  const outbox = open(server);
  await outbox.add("headcount", "/counts", {}, "");
  await outbox.deliver();
  server.linked = true;
  mock.timers.tick(60_000);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.equal(server.taken.length, 1);
});

test("survives a reload", async () => {
  const server = makeServer();
  server.linked = false;
  await open(server).add("headcount", "/counts", { n: 7 }, "seven");
  server.linked = true;
  const reopened = open(server);
  await reopened.load();
  assert.equal(reopened.entries.get()[0]?.note, "seven");
  await reopened.deliver();
  assert.deepEqual(server.taken, [["/counts", { n: 7 }]]);
});

test("counts an entry once, however often it is read from the device", async () => {
  const server = makeServer();
  server.linked = false;
  await open(server).add("headcount", "/counts", {}, "");
  const reopened = open(server);
  await Promise.all([reopened.load(), reopened.load()]);
  assert.equal(reopened.entries.get().length, 1);
});

test("sends only what belongs to whoever is signed in", async () => {
  const server = makeServer();
  server.linked = false;
  await open(server, () => "lan").add("headcount", "/counts", { by: "lan" }, "");
  server.linked = true;
  const others = open(server, () => "minh");
  await others.load();
  await others.deliver();
  assert.deepEqual(others.entries.get(), []);
  assert.deepEqual(server.taken, []);
  assert.equal((await readAll("outbox")).length, 1);
});

test("keeps a refusal with its sentence and goes on with the rest", async () => {
  const server = makeServer();
  server.refuses = (path) => (path === "/counts/2" ? new Problem(422, "headcount-out-of-range", "Số quá lớn.") : null);
  const outbox = open(server);
  for (const n of [1, 2, 3]) await outbox.add("headcount", `/counts/${n}`, { n }, "");
  await outbox.deliver();
  assert.deepEqual(
    server.taken.map(([path]) => path),
    ["/counts/1", "/counts/3"],
  );
  const [refused] = outbox.entries.get();
  assert.equal(refused?.refusal, "Số quá lớn.");
  await outbox.dismiss(refused?.id ?? "");
  assert.deepEqual(await readAll("outbox"), []);
});

test("tries again after a server fault, and waits for a person after a lost sign-in", async () => {
  for (const fault of [new Problem(500, "surprise", ""), new Problem(429, "too-many", ""), new Problem(401, "", "")]) {
    const server = makeServer();
    server.refuses = () => fault;
    const outbox = open(server);
    await outbox.add("headcount", "/counts", {}, "");
    await outbox.deliver();
    assert.equal(outbox.entries.get()[0]?.refusal, null, fault.code);
    server.refuses = () => null;
    await outbox.deliver();
    assert.equal(server.taken.length, 1);
  }
});

test("sends the beats of a viewing together, in their order, and each viewing apart", async () => {
  const server = makeServer();
  const outbox = open(server);
  for (const seq of [0, 1]) await outbox.add("beat", "/viewings/a/beats", beat(seq), "");
  await outbox.add("beat", "/viewings/b/beats", beat(0), "");
  await outbox.deliver();
  assert.deepEqual(server.taken, [
    ["/viewings/a/beats", { beats: [beat(0), beat(1)] }],
    ["/viewings/b/beats", { beats: [beat(0)] }],
  ]);
});

test("lets one impossible beat stay behind alone", async () => {
  const server = makeServer();
  server.refuses = (_path, body) =>
    (body as { beats: { seq: number }[] }).beats.some(({ seq }) => seq === 1)
      ? new Problem(422, "beat-impossible", "Nhịp sai.")
      : null;
  const outbox = open(server);
  for (const seq of [0, 1, 2]) await outbox.add("beat", "/viewings/a/beats", beat(seq), "");
  await outbox.deliver();
  assert.deepEqual(
    server.taken.flatMap(([, body]) => (body as { beats: unknown[] }).beats),
    [beat(0), beat(2)],
  );
  assert.equal(outbox.entries.get().length, 1);
});

test("does not let watching hold up a headcount", async () => {
  const server = makeServer();
  server.refuses = (path) => (path.startsWith("/viewings") ? new Problem(503, "unavailable", "") : null);
  const outbox = open(server);
  await outbox.add("beat", "/viewings/a/beats", beat(0), "");
  await outbox.add("headcount", "/counts", {}, "");
  await outbox.deliver();
  assert.deepEqual(server.taken, [["/counts", {}]]);
});

test("takes what is added during a delivery along in the same one", async () => {
  const server = makeServer();
  const outbox = open(server);
  await outbox.add("headcount", "/counts/1", {}, "");
  const running = outbox.deliver();
  await outbox.add("headcount", "/counts/2", {}, "");
  await outbox.deliver();
  await running;
  await outbox.deliver();
  assert.deepEqual(
    server.taken.map(([path]) => path),
    ["/counts/1", "/counts/2"],
  );
});

const logEntry = (number: number) => ({ text: `{"number":${number}}`, beat: beat(number) });

/** Signs as the device does, as far as anyone can see who only counts the entries. */
const sealing = (server: ReturnType<typeof makeServer>) =>
  makeOutbox({
    send: server.send,
    account: () => "lan",
    seal: async (account, path, bodies) => ({ account, path, entries: bodies.map(({ text }) => text) }),
  });

test("a log goes out in signed pieces, in its order and behind the beats before it", async () => {
  const server = makeServer();
  const outbox = sealing(server);
  await outbox.add("beat", "/viewings/1/beats", beat(0), "watched");
  for (const n of [0, 1, 2]) await outbox.add("log", "/leases/7/log", logEntry(n), "watched off line");
  await outbox.deliver();
  assert.deepEqual(server.taken, [
    ["/viewings/1/beats", { beats: [beat(0)] }],
    ["/leases/7/log", { account: "lan", path: "/leases/7/log", entries: [0, 1, 2].map((n) => logEntry(n).text) }],
  ]);
});

test("a log that is refused is refused as a whole, for what comes behind hangs on it, and others go on", async () => {
  const server = makeServer();
  server.refuses = (path) => (path === "/leases/7/log" ? new Problem(409, "log-broken", "The log is broken.") : null);
  const outbox = sealing(server);
  for (let n = 0; n < 50; n++) await outbox.add("log", "/leases/7/log", logEntry(n), "watched off line");
  await outbox.add("log", "/leases/8/log", logEntry(0), "another");
  await outbox.deliver();
  assert.deepEqual(
    outbox.entries.get().map((entry) => entry.refusal),
    Array(50).fill("The log is broken."),
  );
  assert.deepEqual(
    server.taken.map(([path]) => path),
    ["/leases/8/log"],
  );
});
