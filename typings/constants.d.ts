// agent.constants: Android's accessibility actions, and the keys of their arguments.

declare namespace XgodoApi {
  /**
   * Actions for `node.performAction` and `agent.actions.nodeAction`. Their numbers are Android's own
   * (AccessibilityNodeInfo). Android versions below 7, the oldest the platform runs on, are not mentioned.
   */
  interface Constants {
    readonly ACTION_FOCUS: 1;
    readonly ACTION_CLEAR_FOCUS: 2;
    readonly ACTION_SELECT: 4;
    readonly ACTION_CLEAR_SELECTION: 8;
    readonly ACTION_CLICK: 16;
    readonly ACTION_LONG_CLICK: 32;
    readonly ACTION_ACCESSIBILITY_FOCUS: 64;
    readonly ACTION_CLEAR_ACCESSIBILITY_FOCUS: 128;
    readonly ACTION_NEXT_AT_MOVEMENT_GRANULARITY: 256;
    readonly ACTION_PREVIOUS_AT_MOVEMENT_GRANULARITY: 512;
    readonly ACTION_NEXT_HTML_ELEMENT: 1024;
    readonly ACTION_PREVIOUS_HTML_ELEMENT: 2048;
    readonly ACTION_SCROLL_FORWARD: 4096;
    readonly ACTION_SCROLL_BACKWARD: 8192;
    readonly ACTION_COPY: 16384;
    readonly ACTION_PASTE: 32768;
    readonly ACTION_CUT: 65536;
    readonly ACTION_SET_SELECTION: 131072;
    readonly ACTION_EXPAND: 262144;
    readonly ACTION_COLLAPSE: 524288;
    readonly ACTION_DISMISS: 1048576;
    /** Give the text as `{ text: "..." }`. */
    readonly ACTION_SET_TEXT: 2097152;
    readonly ACTION_SHOW_ON_SCREEN: 16908342;
    readonly ACTION_SCROLL_TO_POSITION: 16908343;
    readonly ACTION_SCROLL_UP: 16908344;
    readonly ACTION_SCROLL_LEFT: 16908345;
    readonly ACTION_SCROLL_DOWN: 16908346;
    readonly ACTION_SCROLL_RIGHT: 16908347;
    readonly ACTION_CONTEXT_CLICK: 16908348;
    readonly ACTION_SET_PROGRESS: 16908349;
    /** Needs Android 8 (SDK 26). */
    readonly ACTION_MOVE_WINDOW: 16908354;
    /** Needs Android 9 (SDK 28). */
    readonly ACTION_SHOW_TOOLTIP: 16908356;
    /** Needs Android 9 (SDK 28). */
    readonly ACTION_HIDE_TOOLTIP: 16908357;
    /** Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_UP: 16908358;
    /** Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_DOWN: 16908359;
    /** Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_LEFT: 16908360;
    /** Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_RIGHT: 16908361;
    /** Needs Android 11 (SDK 30). */
    readonly ACTION_PRESS_AND_HOLD: 16908362;
    /** The Enter key of the keyboard. Needs Android 11 (SDK 30). */
    readonly ACTION_IME_ENTER: 16908372;
    /** Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_START: 16908373;
    /** Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_DROP: 16908374;
    /** Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_CANCEL: 16908375;
    /** Needs Android 13 (SDK 33). */
    readonly ACTION_SHOW_TEXT_SUGGESTIONS: 16908376;
    /** Needs Android 14 (SDK 34). */
    readonly ACTION_SCROLL_IN_DIRECTION: 16908382;

    // Keys of the actions' arguments. Their text on a device is not confirmed, so none is promised.
    readonly ACTION_ARGUMENT_MOVEMENT_GRANULARITY_INT: string;
    readonly ACTION_ARGUMENT_HTML_ELEMENT_STRING: string;
    readonly ACTION_ARGUMENT_EXTEND_SELECTION_BOOLEAN: string;
    readonly ACTION_ARGUMENT_SELECTION_START_INT: string;
    readonly ACTION_ARGUMENT_SELECTION_END_INT: string;
    readonly ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE: string;
    readonly ACTION_ARGUMENT_MOVE_WINDOW_X: string;
    readonly ACTION_ARGUMENT_MOVE_WINDOW_Y: string;
    readonly ACTION_ARGUMENT_ACCESSIBLE_CLICKABLE_SPAN: string;
    readonly ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT: string;
    readonly ARGUMENT_DIRECTION_INT: string;
    readonly ARGUMENT_SCROLL_AMOUNT_FLOAT: string;
  }
}
