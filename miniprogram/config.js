// The one place to fill in: where the installation is, and which of its doors counts who comes from here.
module.exports = {
  // Address of the installation, HTTPS, without a slash at the end. It must be listed as a business domain
  // (业务域名) of the mini-program in WeChat's console.
  base: "https://union.example.cn",
  // Code of a door of the kind "mini-program"; see docs/doors.md.
  door: "mini",
};
