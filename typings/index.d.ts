// The device API of the Xgodo platform: everything here is global, no import is needed.
//
// Names inside the namespace XgodoApi exist for these declarations only; the platform's own
// declarations may call them otherwise. Where a project needs one of these types by name, derive it
// instead, e.g. `ReturnType<typeof agent.info.getDeviceInfo>`: that compiles in both places.

/// <reference path="./actions.d.ts" />
/// <reference path="./arguments.d.ts" />
/// <reference path="./buckets.d.ts" />
/// <reference path="./constants.d.ts" />
/// <reference path="./control.d.ts" />
/// <reference path="./display.d.ts" />
/// <reference path="./files.d.ts" />
/// <reference path="./globals.d.ts" />
/// <reference path="./info.d.ts" />
/// <reference path="./job.d.ts" />
/// <reference path="./node.d.ts" />
/// <reference path="./node-filter.d.ts" />
/// <reference path="./out-of-steps.d.ts" />
/// <reference path="./runtime.d.ts" />
/// <reference path="./utils.d.ts" />

/** The device this automation runs on, and the platform behind it. */
declare const agent: XgodoApi.Agent;

declare namespace XgodoApi {
  interface Agent {
    /** Touch, keys, text, apps and the screen. */
    readonly actions: Actions;
    /** What this run was started with. */
    readonly arguments: Arguments;
    /** Numbers and keys for `performAction` and `nodeAction`. */
    readonly constants: Constants;
    /** Ends the run. */
    readonly control: Control;
    /** HTML shown over the screen. */
    readonly display: Display;
    /** Mailboxes over IMAP. No member of it is known, and that it exists is not confirmed. */
    readonly email: object;
    /** Facts about the device and about this run. */
    readonly info: Info;
    /** Callbacks for the device's notifications. No member of it is documented. */
    readonly notifications: object;
    /** Random gestures, waiting, the job's task, buckets and files. */
    readonly utils: Utils;

    /**
     * Adds `usage` to the usage counter called `type`.
     *
     * Not confirmed: in no documentation. Try it on a device before relying on it.
     */
    recordUsage(type: string, usage: number): void;
  }

  interface Arguments {
    /** Values for the automation's parameters. */
    readonly automationParameters: AutomationParameters;
    /** Values for the variables of the job task. */
    readonly jobVariables: JobVariables;
  }

  /** The answer of a call that the server refused. Such calls resolve with it; they don't reject. */
  interface Failure {
    success: false;
    /** What went wrong, for a person to read. */
    error: string;
  }

  /** An object of names and values. The server refuses arrays, and so does this type. */
  interface DataObject {
    [name: string]: any;
    [Symbol.iterator]?: never;
  }
}
