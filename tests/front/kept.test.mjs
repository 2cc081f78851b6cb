// What phone and counter keep: which bundle is taken, what counts as seen, which credentials are void.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundleOf, fetchBundle, memory, saw } from "../../assets/js/counter/keep.js";
import { sync } from "../../assets/js/offline/credentials.js";
import { all, put } from "../../assets/js/offline/store.js";
import { momentOf, toBase64Url } from "../../assets/js/offline/wire.js";
import { openRows } from "./rows.mjs";

const known = JSON.parse(readFileSync(new URL("../members/offline_vectors.json", import.meta.url), "utf8"));
const MINUTE = 60 * 1000;
globalThis.document = { querySelector: () => null };
const answer = (body) => ({ ok: true, status: 200, type: "basic", json: async () => body });

test("a bundle older than the one that is kept is not taken, but its time is", async () => {
  const db = openRows("meta", "checks", "seen");
  globalThis.fetch = async () => answer({ ...known.bundle, now: new Date(Date.now() + 5 * MINUTE).toISOString() });
  assert.equal(await fetchBundle(db, { url: "/", person: "a" }), "synced");
  const { bundle } = await bundleOf(db);
  const newer = { ...bundle, issued_at: new Date(Date.parse(bundle.issued_at) + MINUTE).toISOString(), revoked: "AAAAAAAA" };
  await put(db, "meta", { id: "bundle", person: "a", bundle: newer, offset: 0, syncedAt: 0 });
  assert.equal(await fetchBundle(db, { url: "/", person: "a" }), "synced");
  const kept = await bundleOf(db);
  assert.equal(kept.bundle.revoked, "AAAAAAAA");
  assert.ok(Math.abs(kept.offset - 5 * MINUTE) < 1000);
});

test("a code seen before midnight is a picture after it", async () => {
  const db = openRows("meta", "checks", "seen");
  const midnight = momentOf(326, 0);
  const verdict = { name: "handle.325.1439", answer: "valid", minutes: 0 };
  await saw(db, verdict, midnight - 2 * MINUTE);
  assert.equal((await memory(db, midnight + MINUTE)).first(verdict.name), midnight - 2 * MINUTE);
  assert.equal((await memory(db, momentOf(327, 0))).first(verdict.name), 0);
});

test("credentials of a key that is believed no more are forgotten, and others fetched at once", async () => {
  const db = openRows("meta", "credentials");
  const head = (keyId) => Uint8Array.of(keyId, 0, 5, ...new Array(107).fill(0));
  for (const id of ["old", "kept"]) {
    await put(db, "credentials", { id, day: 5, head: head(id === "old" ? 1 : 2), uses: 0, usedAt: 0 });
  }
  const asked = [];
  globalThis.fetch = async (url, { body } = {}) => {
    const now = new Date().toISOString();
    if (body) {
      const given = JSON.parse(body).keys.map(({ day, key }) => ({ day, key, head: toBase64Url(head(2)) }));
      return answer({ now, credentials: given });
    }
    asked.push(url);
    const holds = Number(/5:(\d)/.exec(url)?.[1] || 0);
    return answer({ now, day: 5, wanted: { 5: 2 - holds }, keys: [2] });
  };
  assert.equal(await sync(db, { url: "/c", person: "a" }), "ready");
  assert.deepEqual(asked, ["/c?held=5:2", "/c?held=5:1"]);
  const rows = await all(db, "credentials");
  assert.deepEqual([rows.length, rows.every((row) => row.head[0] === 2)], [2, true]);
});
