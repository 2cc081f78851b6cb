// Recheck a draw in this browser, from its public file alone: the same steps as docs/recheck_draw.py.
const utf8 = new TextEncoder();

async function sha256(...parts) {
  const pieces = parts.map((part) => (typeof part === "string" ? utf8.encode(part) : part));
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", all)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(text) {
  return new Uint8Array((text.match(/../g) || []).map((pair) => parseInt(pair, 16)));
}

// Some thousand at a time, so that the page stays alive.
async function inOrder(lines, seed, value) {
  const tickets = lines.map((line) => {
    const [ticket, shares, session, seats] = line.split(" ");
    return { ticket, shares: shares.split(","), session, seats: Number(seats) };
  });
  for (let start = 0; start < tickets.length; start += 2000) {
    const some = tickets.slice(start, start + 2000);
    const keys = await Promise.all(some.map((each) => sha256(seed, value, each.ticket)));
    some.forEach((each, at) => {
      each.key = keys[at];
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
  return tickets.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function winnersOf(order, draw) {
  const left = draw.places.map((each) => ({ ...each }));
  const room = Object.fromEntries(draw.most.map((each) => [each.share, each.places]));
  const won = new Map();
  for (const share of draw.fill) {
    const pools = left.filter((pool) => pool.share === share);
    for (const each of order) {
      const caps = each.shares.filter((code) => code in room);
      if (won.has(each.ticket) || !each.shares.includes(share) || caps.some((cap) => room[cap] < each.seats)) continue;
      const pool = pools.find((one) => (each.session === "-" || each.session === one.session) && one.places >= each.seats);
      if (!pool) continue;
      pool.places -= each.seats;
      for (const cap of caps) room[cap] -= each.seats;
      won.set(each.ticket, `${each.ticket} ${share} ${pool.session}`);
    }
  }
  return order.filter((each) => won.has(each.ticket)).map((each) => won.get(each.ticket));
}

export async function recheck(draw) {
  const seed = bytesOf(draw.reveal.seed);
  const order = await inOrder(draw.tickets, seed, draw.value.text);
  const winners = winnersOf(order, draw);
  return {
    order,
    winners,
    seed: seed.length ? (await sha256(seed)) === draw.commitment : draw.reveal.by_value_alone,
    list: (await sha256(draw.tickets.join("\n"))) === draw.list_digest,
    same: winners.join("\n") === draw.winners.join("\n"),
  };
}

function line(says, text, agrees) {
  const item = document.createElement("li");
  item.className = agrees ? "nx-agrees" : "nx-differs";
  item.textContent = `${agrees ? "✓" : "✗"} ${text}: ${agrees ? says.saysYes : says.saysNo}`;
  return item;
}

function show(place, says, draw, found) {
  const good = found.seed && found.list && found.same;
  const sentence = document.createElement("p");
  sentence.className = `alert ${good ? "alert-success" : "alert-danger"}`;
  sentence.textContent = good ? says.saysGood : says.saysBad;
  const list = document.createElement("ul");
  list.className = "nx-checks";
  list.append(
    line(says, draw.reveal.seed ? says.saysSeed : says.saysAlone, found.seed),
    line(says, says.saysList, found.list),
    line(says, says.saysWinners, found.same),
  );
  place.replaceChildren(sentence, list);
  place.dataset.agrees = String(good);
  const typed = (document.getElementById("ticket")?.value || "").toUpperCase().replace(/[^0-9A-Z]/g, "");
  const at = found.order.findIndex((each) => each.ticket === typed);
  if (at < 0) return;
  const mine = document.createElement("p");
  const won = found.winners.some((each) => each.startsWith(`${typed} `));
  const words = { ticket: typed, position: at + 1, count: found.order.length, result: won ? says.saysWon : says.saysLost };
  mine.textContent = says.saysMine.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  place.append(mine);
}

async function run(card, button, place) {
  const says = card.dataset;
  button.disabled = true;
  place.textContent = says.saysWait;
  try {
    const answer = await fetch(says.file, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const draw = await answer.json();
    show(place, says, draw, await recheck(draw));
  } catch {
    place.textContent = says.saysFailed;
  }
  button.disabled = false;
}

function start() {
  const card = document.getElementById("recheck");
  const button = card?.querySelector("[data-recheck]");
  if (!card || !button || card.dataset.ready) return;
  card.dataset.ready = "yes";
  const place = card.querySelector("[data-recheck-result]");
  if (!globalThis.crypto?.subtle) {
    place.textContent = card.dataset.saysUnsafe;
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => run(card, button, place));
}

if (typeof document !== "undefined") {
  document.addEventListener("htmx:afterSettle", start);
  start();
}
