"""Recheck a draw from its public file alone: python3 recheck_draw.py FILE. Only Python's standard library is needed."""

import json
import sys
from hashlib import sha256
from pathlib import Path

draw = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
value, seed = draw["value"]["text"].encode(), bytes.fromhex(draw["reveal"]["seed"])
tickets = [(*line.split(" ")[:3], int(line.split(" ")[3])) for line in draw["tickets"]]
order = sorted(tickets, key=lambda each: sha256(seed + value + each[0].encode()).digest())
left = {(each["share"], each["session"]): each["places"] for each in draw["places"]}
most, won = {each["share"]: each["places"] for each in draw["most"]}, {}
for share in draw["fill"]:
    for ticket, flags, session, seats in order:
        caps = [flag for flag in flags.split(",") if flag in most]
        if ticket in won or share not in flags.split(",") or any(most[cap] < seats for cap in caps):
            continue
        pools = [p for p in left if p[0] == share and session in ("-", p[1]) and left[p] >= seats]
        if pools:
            left[pools[0]] -= seats
            most.update({cap: most[cap] - seats for cap in caps})
            won[ticket] = f"{ticket} {share} {pools[0][1]}"
by_seed = sha256(seed).hexdigest() == draw["commitment"] if seed else draw["reveal"]["by_value_alone"]
same_list = sha256("\n".join(draw["tickets"]).encode()).hexdigest() == draw["list_digest"]
same_winners = [won[each[0]] for each in order if each[0] in won] == draw["winners"]
print("seed:", by_seed, "| list:", same_list, "| winners:", same_winners, "|", len(won), "of", len(order))
print("Compare with what you kept: commitment", draw["commitment"], "list", draw["list_digest"])
sys.exit(0 if by_seed and same_list and same_winners else 1)
