// The browser's half of the offline card against the known answers that the server's half is tested with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judge, openBundle } from "../../assets/js/offline/judge.js";
import { decompress } from "../../assets/js/offline/p256.js";
import * as wire from "../../assets/js/offline/wire.js";

const known = JSON.parse(readFileSync(new URL("../members/offline_vectors.json", import.meta.url), "utf8"));
const bundle = await openBundle(known.bundle, null);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

test("a bundle is believed when a trusted key signed it, and only then", async () => {
  assert.ok(bundle);
  assert.ok(await openBundle(known.bundle, bundle.keys));
  const other = { 7: known.device.public_whole };
  assert.equal(await openBundle(known.bundle, other), null);
  assert.equal(await openBundle(known.bundle, {}), null);
  const changed = Buffer.from(known.bundle.bundle, "base64url").toString().replace("courier", "couriar");
  const forged = { ...known.bundle, bundle: Buffer.from(changed).toString("base64url") };
  assert.equal(await openBundle(forged, bundle.keys), null);
});

test("a code is taken apart and put together as the server does", () => {
  const told = wire.unpack(wire.decode(known.code));
  assert.deepEqual(
    { key_id: told.keyId, day: told.day, minute: told.minute, handle: hex(told.handle), badge: told.badge, surname: told.surname },
    known.told,
  );
  const head = wire.fromBase64Url(known.head);
  const code = wire.encode(wire.pack(head, wire.stampOf(told.day, told.minute), told.deviceSignature));
  assert.equal(code, known.code);
  assert.equal(code.length, wire.CODE_LENGTH);
  assert.equal(wire.dayOfHead(head), told.day);
});

test("a compressed point is made whole", () => {
  const whole = decompress(wire.fromBase64Url(known.device.public));
  assert.equal(wire.toBase64Url(whole), known.device.public_whole);
  assert.equal(wire.toBase64Url(wire.compress(whole)), known.device.public);
  assert.equal(decompress(new Uint8Array(33).fill(255)), null);
  assert.equal(decompress(new Uint8Array(33)), null);
});

test("days begin at midnight in Shanghai", () => {
  assert.deepEqual(wire.dayMinute(Date.parse("2026-01-01T00:00:00+08:00")), { day: 0, minute: 0 });
  assert.deepEqual(wire.dayMinute(Date.parse("2026-11-22T23:59:59+08:00")), { day: 325, minute: 1439 });
  assert.equal(wire.momentOf(325, 1439), Date.parse("2026-11-22T23:59:00+08:00"));
});

for (const { name, code, now, answer, minutes, seen } of known.cases) {
  test(`${answer}: ${name}`, async () => {
    const at = Date.parse(now);
    const verdict = await judge({
      code,
      bundle,
      now: at,
      seen: { first: () => (seen && seen.here ? at - seen.seconds_ago * 1000 : 0), skew: () => false },
    });
    assert.equal(verdict.answer, answer);
    if (minutes) assert.equal(verdict.minutes, minutes);
    const telling = ["valid", "suspended", "ended"].includes(answer);
    assert.equal(verdict.surname, telling ? known.told.surname : "");
  });
}

test("a second late code of another minute is a clock, not a picture", async () => {
  const late = known.cases.find((each) => each.answer === "stale");
  const seen = { first: () => 0, skew: (_name, minutes) => minutes === late.minutes };
  assert.equal((await judge({ code: late.code, bundle, now: Date.parse(late.now), seen })).answer, "clock");
});

test("a list older than a day says its age and hides nothing else", async () => {
  const good = known.cases[0];
  const seen = { first: () => 0, skew: () => false };
  const old = { ...bundle, issued_at: new Date(Date.parse(good.now) - 30.5 * 3600 * 1000).toISOString() };
  const verdict = await judge({ code: good.code, bundle: old, now: Date.parse(good.now), seen });
  assert.deepEqual([verdict.answer, verdict.listHours, verdict.surname], ["valid", 30, known.told.surname]);
});
