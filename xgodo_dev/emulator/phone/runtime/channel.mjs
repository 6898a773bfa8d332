// @ts-check
// Messages to and from the engine: one JSON object a line, in on descriptor 0 and out on descriptor 1.

import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import process from "node:process";

const { parse, stringify } = JSON;
const exit = process.reallyExit.bind(process);
const stdin = process.stdin;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes before it returns: nothing is lost when the process ends right after, and a program that floods
 * its log waits for the reader.
 * @param {Record<string, unknown>} message
 */
export function send(message) {
  const bytes = Buffer.from(`${stringify(message)}\n`);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") exit(1); // Nobody reads any more.
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/**
 * @param {(message: any) => void} onMessage
 */
export function receive(onMessage) {
  /** @type {string[]} */
  let parts = [];
  stdin.setEncoding("utf8");
  stdin.on("data", (/** @type {string} */ chunk) => {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
      parts.push(chunk.slice(start, end));
      const line = parts.join("");
      parts = [];
      start = end + 1;
      onMessage(parse(line));
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
  });
  stdin.on("end", () => exit(0)); // The engine is gone.
}

/**
 * From now on messages keep the process alive only while some are expected.
 * @param {() => boolean} areExpected
 * @param {() => void} onIdle  called when nothing is left to do: no message due, no timer running
 */
export function whenIdle(areExpected, onIdle) {
  stdin.unref();
  process.on("beforeExit", () => {
    if (areExpected()) stdin.ref();
    else onIdle();
  });
  stdin.on("data", () => {
    if (!areExpected()) stdin.unref();
  });
}

/**
 * Ends the process at once, from however deep a call.
 * @param {Record<string, unknown>} message
 */
export function sendLast(message) {
  send(message);
  exit(0);
}
