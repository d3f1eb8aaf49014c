// Reads a QR code as a phone's camera does: from what is drawn on the screen, never from what the page knows of it.
import { PNG } from "pngjs";
import decode from "qr/decode.js";

/** What the picture in an element says. */
export async function readPicture(element) {
  const { width, height, data } = PNG.sync.read(await element.screenshot());
  return decode({ width, height, data });
}
