// The mini-program shell: files as WeChat wants them, and only pages of the installation are opened, scanned, shared.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "miniprogram");
const files = readdirSync(root, { recursive: true }).map(String);
const read = (name) => readFileSync(join(root, name), "utf8");

test("every JSON file can be read, and no real appid is kept", () => {
  for (const name of files.filter((each) => each.endsWith(".json"))) JSON.parse(read(name));
  assert.equal(JSON.parse(read("project.config.json")).appid, "touristappid");
});

test("every page of app.json is there", () => {
  for (const page of JSON.parse(read("app.json")).pages) {
    for (const ending of ["js", "json", "wxml"]) assert.ok(existsSync(join(root, `${page}.${ending}`)), `${page}.${ending}`);
  }
});

test("every script is one", () => {
  for (const name of files.filter((each) => each.endsWith(".js"))) execFileSync(process.execPath, ["--check", join(root, name)]);
});

// CommonJS inside a package of modules: loaded by hand, as WeChat loads it.
function load(name) {
  const module = { exports: {} };
  const asked = (path) => load(path.replace(/^\.\//, ""));
  new Function("module", "require", read(name))(module, asked);
  return module.exports;
}

test("only pages of the installation are opened", () => {
  const { base, door } = load("config.js");
  const links = load("links.js");
  assert.equal(links.page("/join/"), `${base}/join/`);
  assert.equal(links.page(encodeURIComponent("/u/AB12?d=mini")), `${base}/u/AB12?d=mini`);
  for (const bad of ["", undefined, "//evil.example/", "https://evil.example/", "/a b", "javascript:alert(1)", "/@evil"]) {
    assert.equal(links.page(bad), `${base}/d/${door}`);
  }
  assert.equal(links.scanned(`${base}/u/AB12`), "/u/AB12");
  assert.equal(links.scanned(`${base}/d/wechat`), "/d/wechat");
  for (const bad of ["https://evil.example/u/AB12", `${base}.evil.example/u/AB12`, `${base}/a/secret`, `${base}/u/../a`, 7]) {
    assert.equal(links.scanned(bad), "");
  }
  assert.equal(links.shareable(`${base}/join/`), "/join/");
  assert.equal(links.shareable(`${base}/a/secret-token`), "");
});

test("WeChat's script on pages shares no page of a person and follows only our own codes", async () => {
  const { shareLink, followed } = await import("../../assets/js/weixin.js");
  const at = (path) => new URL(path, "https://union.example.cn");
  assert.equal(shareLink(at("/u/AB12?d=wechat")), "https://union.example.cn/u/AB12?d=wechat");
  assert.equal(shareLink(at("/a/secret-token")), "https://union.example.cn/");
  assert.equal(shareLink(at("/card/")), "https://union.example.cn/");
  assert.equal(followed("https://union.example.cn/u/AB12", "https://union.example.cn"), "https://union.example.cn/u/AB12");
  assert.equal(followed("https://evil.example/u/AB12", "https://union.example.cn"), "");
  assert.equal(followed("no address", "https://union.example.cn"), "");
});
