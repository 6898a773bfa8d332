// @ts-check
// What a program asks of the phone. Only some requests are under way at once: both ends of a pipe that
// fill it while neither reads would wait for each other for ever.

const MOST_UNDER_WAY = 16;
const LONGEST_ARGUMENTS = 1024 * 1024;

/** @typedef {{ type: "call", id: number, name: string, arguments: string }} Call */

export class Calls {
  /** @type {Call[]} */
  #waiting = [];
  #next = 0;
  /** @type {Set<number>} */
  #underWay = new Set();

  /** @param {(message: Record<string, unknown>) => void} send */
  constructor(send) {
    this.send = send;
  }

  /** Whether answers are due. */
  get expected() {
    return this.#underWay.size > 0;
  }

  /**
   * @param {number} id
   * @param {string} name
   * @param {unknown} args  a JSON array
   */
  request(id, name, args) {
    if (typeof args !== "string" || args.length > LONGEST_ARGUMENTS) throw new Error("Arguments are too long");
    const call = /** @type {const} */ ({ type: "call", id, name, arguments: args });
    if (this.#underWay.size < MOST_UNDER_WAY) this.#start(call);
    else this.#waiting.push(call);
  }

  /** @param {number} id  of the request that an answer has come for */
  settled(id) {
    this.#underWay.delete(id);
    if (this.#next < this.#waiting.length) {
      this.#start(this.#waiting[this.#next++]);
    } else {
      this.#waiting = [];
      this.#next = 0;
    }
  }

  /** @param {Call} call */
  #start(call) {
    // In this order: a program may have left us so little stack that sending fails, and nobody answers then.
    this.send(call);
    this.#underWay.add(call.id);
  }
}
