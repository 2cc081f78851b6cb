// The scanner of the bus answers as the server's rule does: known answers in tests/activities/arrival_cases.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeArrival, queueNumber, readSnapshot } from "../../assets/js/offline/arrivals.js";

const known = JSON.parse(readFileSync(new URL("../activities/arrival_cases.json", import.meta.url)));
const snapshot = readSnapshot(known.snapshot);
const nobody = () => ({ bookings: new Set(), handles: new Set(), walked: {} });

for (const { handle, hours, answer } of known.cases) {
  test(`${answer} at ${hours} h`, () => {
    const now = Date.parse(known.from) + hours * 3600 * 1000;
    assert.equal(judgeArrival({ snapshot, handle, now, seen: nobody() }).answer, answer);
  });
}

test("whoever was let in is not let in again, whatever code is shown", () => {
  const seen = nobody();
  const now = Date.parse(known.from);
  const [a, b] = [..."ab"].map((letter) => btoa(letter.repeat(6)));
  const first = judgeArrival({ snapshot, handle: a, now, seen });
  assert.equal(first.answer, "booked");
  seen.bookings.add(first.booking);
  assert.equal(judgeArrival({ snapshot, handle: b, now, seen }).answer, "already");
  const walk = judgeArrival({ snapshot, handle: btoa("xxxxxx"), now, seen, walkIn: true });
  assert.equal(walk.answer, "walk_in");
  seen.walked[walk.window] = 1;
  assert.equal(judgeArrival({ snapshot, handle: btoa("yyyyyy"), now, seen, walkIn: true }).answer, "walk_ins_full");
});

test("numbers can be read from afar", () => {
  for (const [letter, nth, number] of known.numbers) assert.equal(queueNumber(letter, nth), number);
});
