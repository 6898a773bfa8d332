// agent.actions: what a finger, a keyboard and the system can do.

declare namespace XgodoApi {
  /**
   * Coordinates are pixels from the top left of the screen, times are milliseconds. How an action
   * reports a failure is not documented; those that can fail have been seen to reject.
   */
  interface Actions {
    /** One tap. */
    tap(x: number, y: number): Promise<void>;

    /** Two taps, `interval` ms apart. */
    doubleTap(x: number, y: number, interval: number): Promise<void>;

    /** Taps one after the other; `delay` is the time to wait after each, in ms. */
    multiTap(sequence: readonly { x: number; y: number; delay: number }[]): Promise<void>;

    /** A long press of `duration` ms. */
    hold(x: number, y: number, duration: number): Promise<void>;

    /** A straight swipe of `duration` ms. */
    swipe(x1: number, y1: number, x2: number, y2: number, duration: number): Promise<void>;

    /**
     * A swipe through several points.
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

    /** Types through the keyboard. The keyboard must be on the screen: tap a field first, or it rejects. */
    writeText(text: string): Promise<void>;

    /** Puts `text` on the clipboard. */
    copyText(text: string): Promise<void>;

    /** Pastes the clipboard at the cursor. */
    paste(): Promise<void>;

    /** Reads the clipboard. `text` can be empty. */
    reverseCopy(): Promise<Clipboard>;

    /** Hides the keyboard if it is shown. */
    hideKeyboard(): Promise<void>;

    /**
     * Presses a key by Android's key code (66 is Enter). Needs Android 13 (SDK 33) and the keyboard on
     * the screen; rejects otherwise.
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

    /** The labels of the installed apps, by package name. */
    listApps(): Promise<Record<string, string>>;

    /** Opens an address in the default browser. */
    browse(url: string, clearExistingData?: boolean): Promise<void>;

    /** The focused window, as a tree of elements. */
    screenContent(): Promise<AndroidNode>;

    /** Every visible window (dialogs, notification shade, overlays), as one tree each. */
    allScreensContent(): Promise<AndroidNode[]>;

    /**
     * A JPEG of the screen, scaled to fit `maxWidth` × `maxHeight` pixels.
     *
     * @param quality 1 to 100
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
     * `node.performAction` is the newer form.
     *
     * @param data the action's arguments, e.g. `{ text: "hello" }` for `ACTION_SET_TEXT`
     * @param fieldsToIgnore fields that need not match when the element is searched
     * @returns `actionPerformed` is false when Android refused the action
     */
    nodeAction(
      node: AndroidNode | object,
      actionInt: number,
      data?: object,
      fieldsToIgnore?: string[],
    ): Promise<ActionResult>;

    /** Posts a notification. */
    showNotification(title: string, message: string): Promise<void>;

    /**
     * Writes a file to the device's Downloads folder.
     *
     * @param base64 `data` is base64 and is decoded first (default: false)
     */
    saveFile(fileName: string, data: string, base64?: boolean): Promise<void>;

    /** Airplane mode on, a short wait, and off: a mobile connection gets a new address. Nothing happens to Wi-Fi. */
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

    /** Gestures through adb. Not in the platform's documentation, so it may be missing. */
    readonly adb?: {
      /** A tap injected through adb. */
      tap(x: number, y: number): Promise<void>;
    };
  }

  interface Clipboard {
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
    elements: { text: string; boundingBox: Bounds }[];
  }
}
