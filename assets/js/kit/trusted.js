// The content security policy demands trusted types: scripts and workers come from our own origin, and no text becomes
// code. Markup passes: it comes from our own templates through htmx, or from the chart library.
if (window.trustedTypes && !trustedTypes.defaultPolicy) {
  trustedTypes.createPolicy("default", {
    createHTML: (text) => text,
    // htmx copies script elements, their text with them: those of ours have none.
    createScript: (text) => {
      if (text.trim()) throw new TypeError("no inline code");
      return "";
    },
    createScriptURL: (address) => {
      const url = new URL(address, location.href);
      if (url.origin !== location.origin) throw new TypeError(`not of this site: ${url.origin}`);
      return url.href;
    },
  });
}
