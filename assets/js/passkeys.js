// Passkeys: <form data-passkey="create|get" data-options="address"> asks the server what to ask, has the browser make or
// prove a passkey, and sends the answer in its field `credential`. Shown only where the browser knows passkeys.

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function named(list) {
  return (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));
}

async function question(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form), redirect: "error" });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  const told = await answer.json();
  told.challenge = toBytes(told.challenge);
  if (told.user) told.user.id = toBytes(told.user.id);
  if (told.excludeCredentials) told.excludeCredentials = named(told.excludeCredentials);
  if (told.allowCredentials) told.allowCredentials = named(told.allowCredentials);
  return told;
}

async function credential(form) {
  const publicKey = await question(form);
  const made = form.dataset.passkey === "create";
  const key = await (made ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  const parts = made
    ? ["clientDataJSON", "attestationObject"]
    : ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
  const response = {};
  for (const part of parts) if (key.response[part]) response[part] = toText(key.response[part]);
  return { id: key.id, rawId: key.id, type: key.type, response, clientExtensionResults: {} };
}

function enhance(form) {
  const button = form.querySelector("[data-passkey-button]");
  const failed = form.querySelector("[data-passkey-failed]");
  const missing = form.querySelector("[data-passkey-missing]");
  if (missing) missing.hidden = true;
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await credential(form));
      form.submit();
    } catch (error) {
      console.warn(error);
      failed.hidden = button.disabled = false;
    }
  });
}

if (window.isSecureContext && window.PublicKeyCredential) {
  document.querySelectorAll("form[data-passkey]").forEach(enhance);
}
