const links = require("../../links.js");

Page({
  data: { address: "" },

  // `path`: a page of the installation, from a shared card or a subscribe message. `q`: a scanned code of ours
  // (扫普通链接二维码打开小程序).
  onLoad({ path = "", q = "" }) {
    const scanned = q ? links.scanned(decodeURIComponent(q)) : "";
    this.setData({ address: scanned ? links.page(scanned) : links.page(path) });
  },

  // The scan page comes back with what it read.
  open(path) {
    this.setData({ address: links.page(path) });
  },

  failed() {
    wx.showModal({
      title: "打不开页面",
      content: "请检查网络后重试；也可以拨打12351。",
      confirmText: "重试",
      cancelText: "返回",
      success: ({ confirm }) => {
        if (confirm) this.setData({ address: links.start() });
      },
    });
  },

  onShareAppMessage({ webViewUrl = "" }) {
    const path = links.shareable(webViewUrl);
    return {
      title: "一分钟加入工会",
      path: `/pages/index/index${path ? `?path=${encodeURIComponent(path)}` : ""}`,
    };
  },
});
