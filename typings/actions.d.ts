// agent.actions: what a finger, a keyboard and the system can do.

declare namespace XgodoApi {
  /**
   * Coordinates are pixels from the top left of the screen, times are milliseconds. How an action
   * reports a failure is not documented, unless its comment says so: take a rejection for one.
   */
  interface Actions {
    /** One tap at (`x`, `y`), in pixels from the top left of the screen. Fractions are accepted. */
    tap(x: number, y: number): Promise<void>;

    /** Two taps, `interval` ms apart. An older type file lets `interval` be left out; not confirmed. */
    doubleTap(x: number, y: number, interval: number): Promise<void>;

    /** Taps one after the other, in pixels; `delay` is the time to wait after each, in ms. */
    multiTap(sequence: readonly { x: number; y: number; delay: number }[]): Promise<void>;

    /** A long press at (`x`, `y`) in pixels, of `duration` ms. */
    hold(x: number, y: number, duration: number): Promise<void>;

    /** A straight swipe from (`x1`, `y1`) to (`x2`, `y2`) in pixels, of `duration` ms. */
    swipe(x1: number, y1: number, x2: number, y2: number, duration: number): Promise<void>;

    /**
     * A swipe through several points, in pixels.
     *
     * @param duration of the whole swipe, in ms
     * @param bezier smooths the path
     */
    swipePoly(
      startX: number,
      startY: number,
      sequence: readonly { x: number; y: number }[],
      duration: number,
      bezier?: boolean,
    ): Promise<void>;

    /** To the home screen. */
    goHome(): Promise<void>;

    /** The system's back. */
    goBack(): Promise<void>;

    /** The screen of recent apps. */
    recents(): Promise<void>;

    /** One press on the direction pad. Needs Android 13 (SDK 33). */
    dpad(direction: Direction | "center"): Promise<void>;

    /**
     * Types through the keyboard, which must be on the screen: tap a field first. Has been seen to reject
     * when nothing has the focus.
     */
    writeText(text: string): Promise<void>;

    /** Puts `text` on the clipboard. */
    copyText(text: string): Promise<void>;

    /** Pastes the clipboard at the cursor. */
    paste(): Promise<void>;

    /** Reads the clipboard. Look at `text` before use: it can be empty. */
    reverseCopy(): Promise<Clipboard>;

    /** Hides the keyboard if it is shown. */
    hideKeyboard(): Promise<void>;

    /**
     * Presses a key by Android's key code (66 is Enter). Needs Android 13 (SDK 33) and the keyboard on
     * the screen; has been seen to reject otherwise.
     *
     * @param duration of the press, in ms
     * @param state only down or only up; `null` is a full press
     */
    inputKey(keyCode: number, duration?: number, state?: "down" | "up" | null): Promise<void>;

    /**
     * Opens an app.
     *
     * @param clearExisting closes the running instance first (default: false)
     */
    launchApp(packageName: string, clearExisting?: boolean): Promise<void>;

    /**
     * Sends an Android intent.
     *
     * @param type the MIME type of `data`
     * @param isDataLocal `data` is the path of a file on the device
     */
    launchIntent(
      intentName: string,
      packageName: string | null,
      data: string | null,
      type: string | null,
      extras: object | null,
      flags: number,
      component: "activity" | "service" | "broadcast",
      isDataLocal?: boolean,
    ): Promise<void>;

    /**
     * The labels of the installed apps, by package name. One real automation also expects them under the
     * name `appList`, which is not confirmed.
     */
    listApps(): Promise<Record<string, string>>;

    /**
     * Opens an address in the default browser.
     *
     * @param clearExistingData no more of it is documented than its name
     */
    browse(url: string, clearExistingData?: boolean): Promise<void>;

    /**
     * The focused window, as a tree of elements: the root. Each fetch is a new picture with new `falseId`s.
     * How it fails is not documented; real automations are ready for it to reject.
     */
    screenContent(): Promise<AndroidNode>;

    /**
     * Every visible window (dialogs, notification shade, overlays), as one tree each.
     * How it fails is not documented; real automations are ready for it to reject.
     */
    allScreensContent(): Promise<AndroidNode[]>;

    /**
     * A JPEG of the screen, scaled to fit `maxWidth` × `maxHeight` pixels. `screenshot` is `null` when that
     * failed.
     *
     * @param quality 1 to 100
     * @param cropX1 keeps only the rectangle from (`cropX1`, `cropY1`) to (`cropX2`, `cropY2`)
     */
    screenshot(
      maxWidth: number,
      maxHeight: number,
      quality: number,
      cropX1?: number,
      cropY1?: number,
      cropX2?: number,
      cropY2?: number,
    ): Promise<Screenshot>;

    /**
     * Does an accessibility action on an element, which the device finds again by the fields of `node`.
     * `node.performAction` is the newer form. Real automations are ready for it to reject.
     *
     * @param actionInt a number of `agent.constants`
     * @param data the action's arguments, e.g. `{ text: "hello" }` for `ACTION_SET_TEXT`; which other names
     *   a device takes is not confirmed
     * @param fieldsToIgnore fields that need not match when the element is searched
     * @returns `actionPerformed` is false when Android refused the action
     */
    nodeAction(
      node: AndroidNode | object,
      actionInt: number,
      data?: object,
      fieldsToIgnore?: readonly string[],
    ): Promise<ActionResult>;

    /** Posts a notification. */
    showNotification(title: string, message: string): Promise<void>;

    /**
     * Writes a file to the device's Downloads folder.
     *
     * @param base64 `data` is base64 and is decoded first (default: false)
     */
    saveFile(fileName: string, data: string, base64?: boolean): Promise<void>;

    /**
     * Airplane mode on, a short wait, and off: a mobile connection gets a new address. Nothing happens to
     * Wi-Fi.
     */
    airplane(): Promise<void>;

    /**
     * Reads the text in an image, on the device.
     *
     * Boxes are in pixels of the given image: to tap what a scaled screenshot shows, multiply by
     * `originalWidth / compressedWidth`.
     *
     * @param imageBase64 bare base64, as `screenshot` returns it
     */
    recognizeText(imageBase64: string): Promise<RecognizedText>;

    /** Gestures through adb. Not confirmed: in no documentation, so it may be missing. */
    readonly adb?: Adb;
  }

  interface Adb {
    /** A tap injected through adb, at (`x`, `y`) in pixels. Not confirmed: in no documentation. */
    tap(x: number, y: number): Promise<void>;
  }

  interface Clipboard {
    /** Can be empty. */
    text: string;
    data?: any;
    files?: { uri: string; mimeType: string; name: string; dataBase64: string }[];
  }

  interface Screenshot {
    /** Bare base64 of the JPEG; `null` when it failed. (There is no `base64`.) */
    screenshot: string | null;
    compressedWidth: number;
    compressedHeight: number;
    originalWidth: number;
    originalHeight: number;
  }

  interface RecognizedText {
    text: string;
    textBlocks?: RecognizedBlock[];
  }

  interface RecognizedBlock {
    text: string;
    boundingBox: Bounds;
    lines: RecognizedLine[];
  }

  interface RecognizedLine {
    text: string;
    /** Has been seen to be missing. */
    boundingBox?: Bounds;
    elements: RecognizedElement[];
  }

  interface RecognizedElement {
    text: string;
    boundingBox: Bounds;
  }
}
