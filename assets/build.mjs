// Bundle the front end into build/static. Plain names: Django's manifest storage hashes them at collectstatic.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "build", "static");
const iconFolder = join(root, "node_modules", "@tabler", "icons", "icons");

function filesUnder(folder, endings) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

// Every icon a page may show: {% icon "name" %}, icon="name" in templates and Python, one name a line in assets/icons.txt.
function iconsUsed() {
  const patterns = [/\{%\s*icon\s+["']([a-z0-9-]+)["']/g, /\bicon=["']([a-z0-9-]+)["']/g, /\bicon: str = ["']([a-z0-9-]+)["']/g];
  const used = new Map();
  for (const file of filesUnder(join(root, "nuanxin"), [".html", ".py"])) {
    const text = readFileSync(file, "utf8");
    for (const pattern of patterns) {
      for (const [, name] of text.matchAll(pattern)) used.set(name, relative(root, file));
    }
  }
  for (const line of readFileSync(join(root, "assets", "icons.txt"), "utf8").split("\n")) {
    const name = line.replace(/#.*/, "").trim();
    if (name) used.set(name, "assets/icons.txt");
  }
  return new Map([...used].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function symbol(name, askedBy) {
  const filled = name.endsWith("-filled");
  const file = join(iconFolder, filled ? "filled" : "outline", `${filled ? name.slice(0, -"-filled".length) : name}.svg`);
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Error(`There is no icon "${name}" (asked for by ${askedBy}). Names: see node_modules/@tabler/icons/icons.`);
  }
  const shapes = text
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>[\s\S]*$/, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/g, "");
  const paint = filled
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${shapes}</symbol>`;
}

function writeSprite() {
  const symbols = [...iconsUsed()].map(([name, askedBy]) => symbol(name, askedBy));
  writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
  return symbols.length;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const count = writeSprite();
for (const name of readdirSync(join(root, "assets", "images")).sort()) copyFileSync(join(root, "assets", "images", name), join(out, name));
await build({
  absWorkingDir: root,
  entryPoints: {
    phone: "assets/js/phone.js",
    desk: "assets/js/desk.js",
    charts: "assets/js/charts.js",
    scanner: "assets/js/scanner.js",
    "qr-decoder": "assets/js/qr-decoder.js",
    proof: "node_modules/altcha/dist/workers/pbkdf2.js",
    card: "assets/js/card.js",
    counter: "assets/js/counter.js",
    bus: "assets/js/bus.js",
    passkeys: "assets/js/passkeys.js",
    weixin: "assets/js/weixin.js",
    line: "assets/js/line.js",
    draw: "assets/js/draw.js",
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2019"],
  legalComments: "linked",
  logLevel: "warning",
});
// Not a module: /sw.js takes it in by importScripts, which every browser with service workers understands.
await build({
  absWorkingDir: root,
  entryPoints: { "service-worker": "assets/js/service-worker.js" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2019"],
  logLevel: "warning",
});
await build({
  absWorkingDir: root,
  entryPoints: { phone: "assets/css/phone.css", desk: "assets/css/desk.css", print: "assets/css/print.css" },
  outdir: out,
  bundle: true,
  minify: true,
  target: ["chrome80", "safari13"],
  legalComments: "linked",
  logLevel: "warning",
});
console.log(`build/static is ready (${count} icons)`);
