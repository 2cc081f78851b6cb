// Sentences come translated from the page: data-text-* on <body>. Code holds none.
export function text(name) {
  return document.body.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`] || "";
}

// Announce something short: at the bottom of the screen, and to screen readers.
export function toast(message) {
  const place = document.getElementById("nx-toasts");
  if (!place || !message) return;
  const note = document.createElement("div");
  note.className = "nx-toast";
  note.textContent = message;
  place.append(note);
  setTimeout(() => note.remove(), 5000);
}
