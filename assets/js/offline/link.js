// Talking to the server from a page that may be a kept copy: a short limit, a fresh token when the page's is old.
const LIMIT = 8000;

export async function ask(url, options = {}, limit = LIMIT) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    return await fetch(url, { credentials: "same-origin", redirect: "manual", signal: stop.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

function token(page) {
  const meta = page.querySelector('meta[name="csrf-token"]');
  return meta ? meta.content : "";
}

// Also the form's own hidden fields take the fresh token.
async function freshToken() {
  const answer = await ask(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = token(page);
  if (fresh) {
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", fresh);
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
  }
}

export async function post(url, body, limit = LIMIT) {
  const send = () => {
    const headers = { "X-CSRFToken": token(document) };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    return ask(url, { method: "POST", headers, body }, limit);
  };
  const answer = await send();
  if (answer.status !== 403) return answer;
  await freshToken();
  if (body instanceof FormData) body.set("csrfmiddlewaretoken", token(document));
  return send();
}

// How far this device's clock is behind the server's, in milliseconds, from an answer and when it was asked for.
export function offsetOf(said, asked, answered) {
  return Math.round(said - (asked + answered) / 2);
}
