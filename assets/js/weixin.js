// Inside WeChat only: what a shared page looks like, and scanning a poster without leaving the page.
// WeChat's own script stands before this one and is there only when the settings name an official account.
const address = globalThis.document?.body.dataset.weixin;
const wx = globalThis.wx;
const OPEN_PAGES = /^\/(u|d)\/[A-Za-z0-9_-]+$|^\/join\/$/;

// A page of a person is never shared: its address may hold a secret. What is shared instead is the way in.
export function shareLink(location) {
  const query = new URLSearchParams(location.search).get("d");
  if (!OPEN_PAGES.test(location.pathname)) return `${location.origin}/`;
  return location.origin + location.pathname + (query && /^[a-z0-9_-]+$/.test(query) ? `?d=${query}` : "");
}

// Only codes of this union's own posters and doors are followed.
export function followed(text, origin) {
  try {
    const url = new URL(text);
    return url.origin === origin && /^\/(u|d)\//.test(url.pathname) ? url.href : "";
  } catch {
    return "";
  }
}

function offerScan(scan) {
  for (const button of document.querySelectorAll("[data-weixin-scan]")) {
    button.hidden = false;
    button.addEventListener("click", scan);
  }
}

function scanHere() {
  wx.scanQRCode({
    needResult: 1,
    scanType: ["qrCode"],
    success: ({ resultStr }) => {
      const next = followed(resultStr, location.origin);
      if (next) location.assign(next);
    },
  });
}

function share() {
  const shown = {
    title: document.title,
    desc: document.querySelector(".nx-lead, .nx-main p")?.textContent.trim().slice(0, 80) ?? "",
    link: shareLink(location),
    imgUrl: "",
  };
  wx.updateAppMessageShareData(shown);
  wx.updateTimelineShareData(shown);
}

async function configure() {
  const answer = await fetch(`${address}?url=${encodeURIComponent(location.href.split("#")[0])}`);
  if (!answer.ok) return;
  const signed = await answer.json();
  wx.config({ debug: false, ...signed, jsApiList: ["updateAppMessageShareData", "updateTimelineShareData", "scanQRCode"] });
  wx.ready(() => {
    share();
    offerScan(scanHere);
  });
}

if (address && wx) {
  if (globalThis.__wxjs_environment === "miniprogram") {
    offerScan(() => wx.miniProgram.navigateTo({ url: "/pages/scan/scan" }));
  } else {
    configure().catch(() => {});
  }
}
