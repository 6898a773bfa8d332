// The JavaScript environment on the device, as far as automations are known to use it.
//
// Enough for `"lib": ["esnext"]`. Everything here merges with TypeScript's own declarations of a
// browser, so a project that needs more of them can add "dom" to its `lib`; what of it a device
// really has is not documented.

interface Console {
  /** Writes a line to the run's log. */
  log(...data: unknown[]): void;
  /** Writes a warning to the run's log. */
  warn(...data: unknown[]): void;
  /** Writes an error to the run's log. */
  error(...data: unknown[]): void;
}

declare var console: Console;

/** Calls `handler` once, after `delay` ms. A run with a waiting timer is not over. */
declare function setTimeout(handler: (_: void) => void, delay?: number): number;
/** Calls `handler` once, after `delay` ms. A run with a waiting timer is not over. */
declare function setTimeout<Arguments extends unknown[]>(
  handler: (...values: Arguments) => void,
  delay?: number,
  ...values: Arguments
): number;

/** Forgets what `setTimeout` began. */
declare function clearTimeout(id: number | undefined): void;

/** Calls `handler` every `delay` ms. */
declare function setInterval(handler: (_: void) => void, delay?: number): number;
/** Calls `handler` every `delay` ms. */
declare function setInterval<Arguments extends unknown[]>(
  handler: (...values: Arguments) => void,
  delay?: number,
  ...values: Arguments
): number;

/** Ends what `setInterval` began. */
declare function clearInterval(id: number | undefined): void;

/** Encodes text of the characters U+0000 to U+00FF as base64; throws at others. */
declare function btoa(data: string): string;

/**
 * An HTTP request from the device. Rejects when there is no answer; an answer of 404 resolves, with `ok`
 * false.
 */
declare function fetch(url: string, options?: XgodoApi.FetchOptions): Promise<Response>;

declare namespace XgodoApi {
  interface FetchOptions {
    /** `"GET"` unless given. */
    method?: string;
    headers?: Record<string, string>;
    body?: string | Blob | Uint8Array | ArrayBuffer | null;
  }
}

interface Headers {
  /** The header's value, whatever the case of `name`; `null` when there is none. */
  get(name: string): string | null;
  /** Whether there is such a header. */
  has(name: string): boolean;
}

interface Response {
  readonly headers: Headers;
  /** The status is 200 to 299. */
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  /** The body as bytes. A body can be read once; a second time rejects. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** The body as a blob. */
  blob(): Promise<Blob>;
  /** The body parsed as JSON. Rejects when it is none. */
  json(): Promise<any>;
  /** The body as text. */
  text(): Promise<string>;
}

interface Blob {
  /** In bytes. */
  readonly size: number;
  /** The MIME type. */
  readonly type: string;
  /** The content as bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** A part of it: from byte `start` up to, but without, byte `end`. */
  slice(start?: number, end?: number, contentType?: string): Blob;
  /** The content as UTF-8 text. */
  text(): Promise<string>;
}
