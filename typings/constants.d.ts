// agent.constants: Android's accessibility actions, and the keys of their arguments.

declare namespace XgodoApi {
  /**
   * Actions for `node.performAction` and `agent.actions.nodeAction`, and the keys of what they are given.
   *
   * The platform publishes the names only; numbers and texts are Android's own (AccessibilityNodeInfo).
   * `node.actions` tells which of them an element supports.
   */
  interface Constants {
    /** Gives the element the input focus. */
    readonly ACTION_FOCUS: 1;
    /** Takes the input focus away. */
    readonly ACTION_CLEAR_FOCUS: 2;
    /** Selects the element. */
    readonly ACTION_SELECT: 4;
    /** Deselects the element. */
    readonly ACTION_CLEAR_SELECTION: 8;
    /** Clicks the element, without a finger. */
    readonly ACTION_CLICK: 16;
    /** Long-clicks the element. */
    readonly ACTION_LONG_CLICK: 32;
    /** Gives the element the focus of a screen reader. */
    readonly ACTION_ACCESSIBILITY_FOCUS: 64;
    /** Takes the focus of a screen reader away. */
    readonly ACTION_CLEAR_ACCESSIBILITY_FOCUS: 128;
    /** Moves the cursor on by a character, a word, … Takes `ACTION_ARGUMENT_MOVEMENT_GRANULARITY_INT`. */
    readonly ACTION_NEXT_AT_MOVEMENT_GRANULARITY: 256;
    /** Moves the cursor back by a character, a word, … Takes `ACTION_ARGUMENT_MOVEMENT_GRANULARITY_INT`. */
    readonly ACTION_PREVIOUS_AT_MOVEMENT_GRANULARITY: 512;
    /** To the next HTML element of a kind. Takes `ACTION_ARGUMENT_HTML_ELEMENT_STRING`. */
    readonly ACTION_NEXT_HTML_ELEMENT: 1024;
    /** To the previous HTML element of a kind. Takes `ACTION_ARGUMENT_HTML_ELEMENT_STRING`. */
    readonly ACTION_PREVIOUS_HTML_ELEMENT: 2048;
    /** Scrolls on: to what is further down or further right. */
    readonly ACTION_SCROLL_FORWARD: 4096;
    /** Scrolls back: to what is further up or further left. */
    readonly ACTION_SCROLL_BACKWARD: 8192;
    /** Copies the selection. */
    readonly ACTION_COPY: 16384;
    /** Pastes the clipboard. */
    readonly ACTION_PASTE: 32768;
    /** Cuts the selection out. */
    readonly ACTION_CUT: 65536;
    /** Selects text. Takes `ACTION_ARGUMENT_SELECTION_START_INT` and `ACTION_ARGUMENT_SELECTION_END_INT`. */
    readonly ACTION_SET_SELECTION: 131072;
    /** Unfolds the element. */
    readonly ACTION_EXPAND: 262144;
    /** Folds the element. */
    readonly ACTION_COLLAPSE: 524288;
    /** Dismisses the element. */
    readonly ACTION_DISMISS: 1048576;
    /**
     * Replaces the text of a field. Real automations give the text as `{ text: "..." }`;
     * `ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE` is Android's own key for it.
     */
    readonly ACTION_SET_TEXT: 2097152;
    /** Scrolls the element into view. Needs Android 6 (SDK 23). */
    readonly ACTION_SHOW_ON_SCREEN: 16908342;
    /** Scrolls a list to a position. */
    readonly ACTION_SCROLL_TO_POSITION: 16908343;
    /** Scrolls up. Needs Android 6 (SDK 23). */
    readonly ACTION_SCROLL_UP: 16908344;
    /** Scrolls left. Needs Android 6 (SDK 23). */
    readonly ACTION_SCROLL_LEFT: 16908345;
    /** Scrolls down. Needs Android 6 (SDK 23). */
    readonly ACTION_SCROLL_DOWN: 16908346;
    /** Scrolls right. Needs Android 6 (SDK 23). */
    readonly ACTION_SCROLL_RIGHT: 16908347;
    /** What the right button of a mouse does. Needs Android 6 (SDK 23). */
    readonly ACTION_CONTEXT_CLICK: 16908348;
    /** Sets a slider or a progress bar. Needs Android 7 (SDK 24). */
    readonly ACTION_SET_PROGRESS: 16908349;
    /**
     * Moves a window. Takes `ACTION_ARGUMENT_MOVE_WINDOW_X` and `ACTION_ARGUMENT_MOVE_WINDOW_Y`.
     * Needs Android 8 (SDK 26).
     */
    readonly ACTION_MOVE_WINDOW: 16908354;
    /** Shows the element's tooltip. Needs Android 9 (SDK 28). */
    readonly ACTION_SHOW_TOOLTIP: 16908356;
    /** Hides the element's tooltip. Needs Android 9 (SDK 28). */
    readonly ACTION_HIDE_TOOLTIP: 16908357;
    /** Scrolls one page up. Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_UP: 16908358;
    /** Scrolls one page down. Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_DOWN: 16908359;
    /** Scrolls one page left. Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_LEFT: 16908360;
    /** Scrolls one page right. Needs Android 10 (SDK 29). */
    readonly ACTION_PAGE_RIGHT: 16908361;
    /**
     * Presses for a time. Takes `ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT`.
     * Needs Android 11 (SDK 30).
     */
    readonly ACTION_PRESS_AND_HOLD: 16908362;
    /** The Enter key of the keyboard. Needs Android 11 (SDK 30). */
    readonly ACTION_IME_ENTER: 16908372;
    /** Begins to drag the element. Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_START: 16908373;
    /** Drops what is being dragged on the element. Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_DROP: 16908374;
    /** Gives up dragging. Needs Android 12L (SDK 32). */
    readonly ACTION_DRAG_CANCEL: 16908375;
    /** Shows suggestions for the text. Needs Android 13 (SDK 33). */
    readonly ACTION_SHOW_TEXT_SUGGESTIONS: 16908376;
    /** Scrolls in a direction. Takes `ARGUMENT_DIRECTION_INT`. Needs Android 14 (SDK 34). */
    readonly ACTION_SCROLL_IN_DIRECTION: 16908382;

    /** Key: by how much the cursor moves. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_MOVEMENT_GRANULARITY_INT: "ACTION_ARGUMENT_MOVEMENT_GRANULARITY_INT";
    /** Key: the kind of HTML element. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_HTML_ELEMENT_STRING: "ACTION_ARGUMENT_HTML_ELEMENT_STRING";
    /** Key: the cursor's way becomes selected. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_EXTEND_SELECTION_BOOLEAN: "ACTION_ARGUMENT_EXTEND_SELECTION_BOOLEAN";
    /** Key: where a selection begins. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_SELECTION_START_INT: "ACTION_ARGUMENT_SELECTION_START_INT";
    /** Key: where a selection ends. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_SELECTION_END_INT: "ACTION_ARGUMENT_SELECTION_END_INT";
    /**
     * Key: the text of `ACTION_SET_TEXT`; the key `text` is what real automations use. Its
     * text is Android's, not confirmed for the platform.
     */
    readonly ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE: "ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE";
    /** Key: a window's place from the left. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_MOVE_WINDOW_X: "ACTION_ARGUMENT_MOVE_WINDOW_X";
    /** Key: a window's place from the top. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_MOVE_WINDOW_Y: "ACTION_ARGUMENT_MOVE_WINDOW_Y";
    /** Key: the link within a text to click. Its text is Android's, not confirmed for the platform. */
    readonly ACTION_ARGUMENT_ACCESSIBLE_CLICKABLE_SPAN: "android.view.accessibility.action.ACTION_ARGUMENT_ACCESSIBLE_CLICKABLE_SPAN";
    /** Key: how long to press, in ms. Its text is Android's, not confirmed for the platform. */
    readonly ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT: "android.view.accessibility.action.ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT";
    /** Key: the direction to scroll in. Its text is Android's, not confirmed for the platform. */
    readonly ARGUMENT_DIRECTION_INT: "android.view.accessibility.action.ARGUMENT_DIRECTION_INT";
    /**
     * Key: how far to scroll. Its text is Android's, not confirmed for the platform: the androidx
     * library has another (`androidx.core…`).
     */
    readonly ARGUMENT_SCROLL_AMOUNT_FLOAT: "android.view.accessibility.action.ARGUMENT_SCROLL_AMOUNT_FLOAT";
  }
}
