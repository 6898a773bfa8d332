// AndroidNode: one element of a screen, as Android's accessibility service sees it.

/**
 * One element on the screen, and the tree below it.
 *
 * A node is a picture of the moment it was fetched: fetch again after the screen has changed.
 */
interface AndroidNode {
  /** A UUID made up for this fetch. The same element has another one in the next fetch. */
  falseId: string;
  /** `package:id/name`; nodes of web pages and of Compose may have a bare name. */
  viewId?: string;
  /** The widget's class, e.g. `"android.widget.Button"`. */
  className: string | null;
  packageName: string;
  /** In pixels from the top left, the space `tap` and `swipe` use. */
  boundsInScreen: XgodoApi.Bounds;
  /** Position among the parent's children on the device. Gaps occur: not an index into `children`. */
  index: number;
  /** What the element shows. An empty field that shows its hint has the hint here. */
  text?: string;
  /** The content description. (There is no `contentDescription`.) */
  description?: string;
  /** What a field shows while it is empty. Has been seen to be missing where there is none. */
  hintText?: string | null;
  /** Longest text the field takes; `-1` when there is no limit. */
  maxTextLength: number;
  /** Android's input type as decimal **text**; `"0"` for what is no input. */
  inputType: string;
  isShowingHintText: boolean;
  /** Needs Android 9 (SDK 28). */
  tooltipText?: string | null;
  /** Needs Android 9 (SDK 28). */
  paneTitle?: string | null;
  /** Needs Android 14 (SDK 34). */
  containerTitle?: string | null;

  isEnabled: boolean;
  /**
   * Whether a tap does something. There is no property `isClickable`; that is a method of
   * `AndroidNodeFilter`.
   */
  clickable: boolean;
  isLongClickable: boolean;
  isContextClickable: boolean;
  isFocusable: boolean;
  isScrollable: boolean;
  isEditable: boolean;
  isPassword: boolean;
  isMultiLine: boolean;
  isDismissable: boolean;
  isHeading: boolean;
  isSelected: boolean;
  isTextEntryKey: boolean;
  isVisibleToUser: boolean;
  isImportantForAccessibility: boolean;
  /** Has been seen to be missing. */
  isTextSelectable?: boolean;
  /** Only on what can have the focus. */
  isFocused?: boolean;
  /**
   * Only on what can be checked, and a **number**: 0 is unchecked. Compare with `=== 0`;
   * 1 (checked) and 2 (partly) follow Android, but are not confirmed.
   */
  isChecked?: number;

  /** Only on lists. */
  collectionInfo?: XgodoApi.CollectionInfo;
  /** Only on items of lists. */
  collectionItemInfo?: XgodoApi.CollectionItemInfo;

  /** Numbers of the actions the element supports; see `agent.constants`. */
  actions: number[];
  /** Apps' own names for the actions, in the order of `actions`. */
  actionLabels: { id: number; label?: string }[];
  /** The nodes right below this one; `[]` when there are none. */
  children: AndroidNode[];
  /** The node right above this one. Missing at the root, and from a node that was turned into JSON and back. */
  parent?: AndroidNode | null;

  /** This node and all below it in one list. The same as `getAllNodes(node)`. */
  allNodes(): AndroidNode[];

  /**
   * The first node at or below this one that `predicate` accepts.
   * No match gives `undefined`, or perhaps `null`, which is not documented: test for truth.
   */
  find(predicate: (node: AndroidNode) => boolean): AndroidNode | undefined;

  /**
   * The first node with `text` in its `text`, `description` or `hintText`, whatever its case.
   * No match gives `undefined`, or perhaps `null`, which is not documented: test for truth.
   */
  findTextOne(text: string): AndroidNode | undefined;

  /** All nodes with `text` in their `text`, `description` or `hintText`, whatever its case. */
  findText(text: string): AndroidNode[];

  /**
   * The first node whose `viewId` equals `id`.
   * No match gives `undefined`, or perhaps `null`, which is not documented: test for truth.
   */
  findByIdOne(id: string): AndroidNode | undefined;

  /** All nodes whose `viewId` equals `id`. */
  findById(id: string): AndroidNode[];

  /**
   * The first node that meets every condition set on the filter; a function that returns false accepts none.
   * No match gives `undefined`, or perhaps `null`, which is not documented: test for truth.
   */
  findAdvanced(
    filter: (filter: AndroidNodeFilter) => AndroidNodeFilter | boolean,
  ): AndroidNode | undefined;

  /** All nodes that meet every condition set on the filter; a function that returns false accepts none. */
  filterAdvanced(filter: (filter: AndroidNodeFilter) => AndroidNodeFilter | boolean): AndroidNode[];

  /**
   * Does an accessibility action on this element, e.g. `agent.constants.ACTION_CLICK`.
   *
   * @param action a number of `agent.constants`
   * @param data the action's arguments, e.g. `{ text: "hello" }` for `ACTION_SET_TEXT`; which other names
   *   a device takes is not confirmed
   * @returns `actionPerformed` is false when Android refused the action
   */
  performAction(action: number, data?: object): Promise<XgodoApi.ActionResult>;

  /** Taps a random point inside the element. Real automations also `await` it. */
  randomClick(): void;

  /**
   * Swipes from a random point inside the element. Real automations also `await` it.
   *
   * @param direction the finger's: `"up"` shows what is further down
   */
  randomSwipe(direction: XgodoApi.Direction): void;
}

declare namespace XgodoApi {
  /** A rectangle in pixels. An element off the screen can have `left > right`. */
  interface Bounds {
    left: number;
    right: number;
    top: number;
    bottom: number;
  }

  interface CollectionInfo {
    /** `-1` when unknown, as are the other counts. */
    rowCount: number;
    columnCount: number;
    itemCount: number;
    importantForAccessibilityItemCount: number;
    hierarchical: boolean;
    /** Android's number: 0 none, 1 one item, 2 several. Not confirmed for the platform. */
    selectionMode: number;
  }

  interface CollectionItemInfo {
    rowIndex: number;
    columnIndex: number;
    rowSpan: number;
    columnSpan: number;
    isSelected: boolean;
  }

  interface ActionResult {
    /** False when Android refused the action. */
    actionPerformed: boolean;
  }

  /** Where a finger moves. */
  type Direction = "up" | "down" | "left" | "right";
}
