// @ts-check
// Finds the line of the program's code that made a call, from V8's text of a stack.

const OWN = new URL(".", import.meta.url).href;
const LOCATION = /:(\d+):\d+\)?$/;

Error.stackTraceLimit = 12;

/**
 * The first frame in a file of the program. Frames of built-ins and of `eval` have no line of a file; the
 * frame that called them follows.
 * @param {string} stack
 * @returns {number} 1-based, 0 when no frame is the program's
 */
export function lineOf(stack) {
  for (const frame of stack.split("\n")) {
    if (!frame.startsWith("    at ")) continue;
    const match = LOCATION.exec(frame);
    if (match === null) continue;
    const open = frame.lastIndexOf("(", match.index);
    const file = frame.slice(open < 0 ? "    at ".length : open + 1, match.index).replace(/^async /, "");
    if (file.endsWith("<anonymous>") || isOwn(file)) continue;
    return Number(match[1]);
  }
  return 0;
}

/** The line that called into the host just now. */
export function callingLine() {
  return lineOf(String(new Error().stack));
}

/** @param {string} file */
function isOwn(file) {
  return file.startsWith("xgodo:") || file.startsWith("node:") || file.startsWith(OWN);
}
