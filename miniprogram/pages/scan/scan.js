const links = require("../../links.js");

// A bridge: pages inside the web view cannot scan by themselves; they come here, and go back with what was read.
Page({
  data: { said: "正在打开扫码…" },

  onReady() {
    this.scan();
  },

  scan() {
    wx.scanCode({
      scanType: ["qrCode"],
      success: ({ result }) => {
        const path = links.scanned(result);
        if (path) this.goBack(path);
        else this.setData({ said: "这不是工会的二维码。请扫工会海报或驿站海报上的码。" });
      },
      fail: () => this.setData({ said: "没有扫到。可以再试一次，或者返回填写。" }),
    });
  },

  goBack(path) {
    const pages = getCurrentPages();
    const before = pages[pages.length - 2];
    if (before && before.open) before.open(path);
    wx.navigateBack({ fail: () => wx.reLaunch({ url: `/pages/index/index?path=${encodeURIComponent(path)}` }) });
  },
});
