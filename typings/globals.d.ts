// The device API's global functions.

/** Waits `ms` milliseconds. */
declare function sleep(ms: number): Promise<void>;
/** Waits a random time from `minMs` to `maxMs` milliseconds. */
declare function sleep(minMs: number, maxMs: number): Promise<void>;

/**
 * Ends this run at once: code after the call does not execute.
 * The same as `agent.control.stopCurrentAutomation`.
 */
declare function stopCurrentAutomation(): void;

/** All nodes of the tree in one list, at once and without a new fetch; empty when there is no tree. */
declare function getAllNodes(root: AndroidNode | null | undefined): AndroidNode[];

/** The nodes from `root` down to `target`, both included; empty when `target` is not in the tree. */
declare function buildNodePath(
  root: AndroidNode | null | undefined,
  target: AndroidNode | null | undefined,
): AndroidNode[];

/** All nodes whose `viewId` equals `id`, e.g. `"com.example.app:id/search"`. */
declare function findNodesById(root: AndroidNode | null | undefined, id: string): AndroidNode[];

/** All nodes with `text` in their `text`, `description` or `hintText`, whatever its case. */
declare function findNodesByText(root: AndroidNode | null | undefined, text: string): AndroidNode[];

/** The parent of `target`; `null` when it is the root or not in the tree. */
declare function findParentOf(
  root: AndroidNode | null | undefined,
  target: AndroidNode | null | undefined,
): AndroidNode | null;

/**
 * How good a screenshot `agent.utils.outOfSteps.storeScreen` keeps.
 * The numbers behind the names are not documented: use the names.
 */
declare enum ScreenshotRecord {
  /** One of high quality. Its number is not documented. */
  HIGH_QUALITY,
  /** One of low quality. Its number is not documented. */
  LOW_QUALITY,
  /** None. Its number is not documented. */
  NONE,
}
