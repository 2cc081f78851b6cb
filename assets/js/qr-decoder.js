// Loaded by scanner.js only where the browser cannot read codes itself.
import jsQR from "jsqr";

export function decode(image) {
  const found = jsQR(image.data, image.width, image.height, { inversionAttempts: "dontInvert" });
  return found ? found.data : "";
}
