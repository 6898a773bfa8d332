// @ts-check
// Compiles and links a program's modules. The files are those the launch brought; there are no others.

import { posix } from "node:path";
import vm from "node:vm";

/** A module's text is not JavaScript. */
export class ModuleSyntaxError extends Error {
  /**
   * @param {string} path
   * @param {number} line
   * @param {string} message
   */
  constructor(path, line, message) {
    super(message);
    this.path = path;
    this.line = line;
  }
}

/** A module asks for something that is not there. */
export class ModuleLinkError extends Error {}

// Every module of the program waits for this one. `evaluate()` (seen in Node.js 24) hands functions of the host
// to the `then` of a promise of the program's realm; this way it does so before the program can replace `then`.
// And the program's first lines run with no frame of ours below them.
const GATE = "xgodo:gate";
const GATE_SOURCE = 'import { opened } from "xgodo:opened"; await opened;';
const WAIT_FOR_GATE = `\nimport "${GATE}";`;

const vmModuleEvaluate = vm.SourceTextModule.prototype.evaluate;

/**
 * @typedef {object} LinkedProgram
 * @property {() => Promise<unknown>} evaluate  no code of the program runs before `open`
 * @property {() => void} open
 */

export class ModuleGraph {
  /** @type {Map<string, vm.Module>} */
  #modules = new Map();

  /**
   * @param {vm.Context} context
   * @param {Map<string, string>} sources
   * @param {(specifier: string) => never} refuseImport
   */
  constructor(context, sources, refuseImport) {
    this.context = context;
    this.sources = sources;
    this.refuseImport = refuseImport;
  }

  /**
   * @param {string} entry
   * @returns {Promise<LinkedProgram>}
   * @throws {ModuleSyntaxError | ModuleLinkError}
   */
  async link(entry) {
    const [opened, open] = vm.runInContext(
      "(() => { let open; const opened = new Promise((resolve) => { open = resolve; }); return [opened, open]; })()",
      this.context,
    );
    const { context } = this;
    const source = new vm.SyntheticModule(["opened"], () => source.setExport("opened", opened), {
      context,
      identifier: "xgodo:opened",
    });
    this.#modules.set("xgodo:opened", source);
    this.#modules.set(GATE, new vm.SourceTextModule(GATE_SOURCE, { context, identifier: GATE }));

    const module = this.#module(entry);
    try {
      await module.link((specifier, importer) => this.#resolve(specifier, importer.identifier));
    } catch (error) {
      if (error instanceof ModuleSyntaxError || error instanceof ModuleLinkError) throw error;
      // V8's, such as a name that a module does not export. No code has run: its message is only text.
      throw new ModuleLinkError(String(/** @type {Error} */ (error).message));
    }
    return { evaluate: () => vmModuleEvaluate.call(module), open };
  }

  /**
   * @param {string} specifier
   * @param {string} importer
   */
  #resolve(specifier, importer) {
    if (specifier === GATE || importer === GATE) return this.#module(specifier);
    if (!specifier.startsWith("./") && !specifier.startsWith("../")) {
      throw new ModuleLinkError(
        `${importer} imports "${specifier}": a device has only the automation's own files, imported by "./" or "../"`,
      );
    }
    const base = posix.join(posix.dirname(importer), specifier);
    for (const path of [base, `${base}.js`, posix.join(base, "index.js")]) {
      if (this.sources.has(path)) return this.#module(path);
    }
    throw new ModuleLinkError(`${importer} imports "${specifier}": there is no such file`);
  }

  /** @param {string} path */
  #module(path) {
    let module = this.#modules.get(path);
    if (module === undefined) {
      module = this.#compile(path);
      this.#modules.set(path, module);
    }
    return module;
  }

  /** @param {string} path */
  #compile(path) {
    const text = this.sources.get(path);
    if (text === undefined) throw new ModuleLinkError(`There is no file ${path}`);
    const options = {
      context: this.context,
      identifier: path,
      importModuleDynamically: this.refuseImport,
    };
    try {
      return new vm.SourceTextModule(text + WAIT_FOR_GATE, options);
    } catch (error) {
      const { message } = /** @type {Error} */ (plainError(text, options) ?? error);
      throw new ModuleSyntaxError(path, lineOfSyntaxError(path, text, message), message);
    }
  }
}

/**
 * The error that `text` has by itself: what is appended to it must not show up in a message.
 * @param {string} text
 * @param {vm.SourceTextModuleOptions} options
 */
function plainError(text, options) {
  try {
    new vm.SourceTextModule(text, options);
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Node.js keeps the line of a module's error to itself, but tells that of a script's. As an asynchronous
 * function a module is a script too, unless it has `import` or `export`; those then make another error.
 * @param {string} path
 * @param {string} text
 * @param {string} message
 * @returns {number} 0 when unknown
 */
function lineOfSyntaxError(path, text, message) {
  try {
    new vm.Script(`"use strict"; async () => {${text}\n};`, { filename: path });
  } catch (error) {
    const { stack, message: same } = /** @type {Error} */ (error);
    const first = String(stack).split("\n", 1)[0];
    if (same === message && first.startsWith(`${path}:`)) return Number(first.slice(path.length + 1)) || 0;
  }
  return 0;
}
