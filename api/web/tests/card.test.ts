import assert from "node:assert/strict";
import { test } from "node:test";
import { cardText, readCard } from "../src/pages/doors/card";

const SESSION = "0b54cf0e-6f3c-4a3c-9a55-1d6f2b1f5a10";
const card = {
  session_id: SESSION,
  session_title: "",
  full_name: "",
  code: "K7QM2XAB",
  secret: "bi-mat",
  step_seconds: 15,
  server_time: "",
  ahead: 5_000,
};

test("a phone draws the code that the server expects of it, by the server's clock", async () => {
  // The mark is what `sessions.codes.mark_of("bi-mat", 117936000)` gives.
  assert.equal(
    await cardText(card, 117_936_000 * 15_000 - 1_000),
    `diemcau:${SESSION}.K7QM2XAB.117936000.bce2e528f1c5`,
  );
});

test("a scanned code is read, and anything else is not", async () => {
  const read = readCard(await cardText(card, 117_936_000 * 15_000));
  assert.deepEqual(read, { session: SESSION, code: "K7QM2XAB", shown: 117_936_000 * 15_000 });
  assert.equal(readCard("https://example.vn/t/ABCDEF"), null);
});
