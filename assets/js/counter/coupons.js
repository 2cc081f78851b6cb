// Coupons without a network: below a good answer, each kind that this counter may redeem by itself, up to its limit of
// the day. The tap is written beside the check and told with it; the server decides then.
import { checksOf, remember } from "./keep.js";

export async function offerCoupons(db, row, now, told) {
  const templates = [...document.querySelectorAll("template[data-coupon]")];
  const place = document.querySelector("#ct-sheet [data-sheet-answer]");
  if (!templates.length || !place) return;
  const rows = await checksOf(db, now);
  const list = document.createElement("ul");
  list.className = "ct-things";
  for (const template of templates) {
    const kind = template.dataset.coupon;
    const item = template.content.firstElementChild.cloneNode(true);
    const used = rows.filter((each) => each.coupon === kind).length;
    const button = item.querySelector("[data-take]");
    if (used >= Number(template.dataset.limit)) {
      button.hidden = true;
      item.querySelector("[data-full]").hidden = false;
    }
    button.addEventListener("click", async () => {
      for (const each of list.querySelectorAll("[data-take]")) each.disabled = true;
      await remember(db, { ...row, coupon: kind, sent: false });
      button.hidden = true;
      item.querySelector("[data-taken]").hidden = false;
      await told();
    });
    list.append(item);
  }
  place.append(list);
}
