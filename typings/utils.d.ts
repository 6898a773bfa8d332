// agent.utils: gestures, waiting, callbacks, variables and uploads.

declare namespace XgodoApi {
  interface Utils {
    /**
     * Taps a random point of the rectangle from (`x1`, `y1`) to (`x2`, `y2`), in pixels. Real automations
     * also `await` it.
     */
    randomClick(x1: number, y1: number, x2: number, y2: number): void;

    /**
     * Swipes from a random point of the rectangle from (`x1`, `y1`) to (`x2`, `y2`), in pixels. Real
     * automations also `await` it.
     *
     * @param direction the finger's: `"up"` shows what is further down
     */
    randomSwipe(x1: number, y1: number, x2: number, y2: number, direction: Direction): void;

    /** Whether the device reaches the platform; `error` says why it does not. */
    isServerReachable(): Promise<{ reachable: true } | { reachable: false; error: string }>;

    /**
     * Waits until `condition` accepts some node on the screen. Which windows it looks at is not documented.
     *
     * @param durationMs longest wait (default: 30000)
     * @param intervalMs time between two looks (default: 500)
     * @returns false when the time is over
     */
    waitForNode(
      condition: (node: AndroidNode) => boolean,
      durationMs?: number,
      intervalMs?: number,
    ): Promise<boolean>;

    /**
     * Waits until `condition` accepts no node on the screen.
     *
     * @param durationMs longest wait (default: 30000)
     * @param intervalMs time between two looks (default: 500)
     * @returns true when it is gone, false when the time is over
     */
    waitForNodeGone(
      condition: (node: AndroidNode) => boolean,
      durationMs?: number,
      intervalMs?: number,
    ): Promise<boolean>;

    /** Calls `callback` when the network comes (true) or goes (false); `null` ends that. Returns at once. */
    setNetworkCallback(callback: ((networkAvailable: boolean) => void) | null): void;

    /** Assign a function to have it called for each toast an app shows, `null` to end that. */
    toastCallback: ((packageName: string, data: { message: string }) => void) | null;

    /**
     * Tells the platform about a crash.
     *
     * In no documentation, but the platform's own template calls it in its last `catch`; what it resolves
     * to is unknown.
     */
    reportCrash(error: unknown): Promise<unknown>;

    /**
     * Stores variables on the current task, or resolves to a `Failure`. `{ waiting: true }` offers the task
     * to `job.useAnotherTask`. Whether it merges or replaces is not documented.
     */
    setAutomationVariables(variables: DataObject): Promise<AutomationVariables | Failure>;

    /** Reads what `setAutomationVariables` stored (else null or undefined), or resolves to a `Failure`. */
    getAutomationVariables(): Promise<AutomationVariables | Failure>;

    /**
     * Uploads content for 15 minutes, up to 50 MB, or resolves to a `Failure`.
     *
     * @param base64Data the content as bare base64
     */
    uploadTempFile(filename: string, base64Data: string): Promise<UploadedFile | Failure>;
    /**
     * Uploads a file of the device for 15 minutes, up to 50 MB, or resolves to a `Failure`.
     *
     * @param localFilePath where the file is on the device; it is read in pieces
     */
    uploadTempFile(localFilePath: string): Promise<UploadedFile | Failure>;

    /** What this job keeps on this device, from one task to the next. */
    readonly bucket: JobBucket;
    /** What all automations keep on this device. */
    readonly deviceBucket: DeviceBucket;
    /** The job task this run works on. */
    readonly job: Job;
    /** The device's files, to read. `agent.actions.saveFile` writes one. */
    readonly files: Files;
    /** Records screens for somebody to look at later. */
    readonly outOfSteps: OutOfSteps;
  }

  interface AutomationVariables {
    success: true;
    /** What was stored; null or undefined when nothing was. */
    automation_variables: any;
  }

  interface UploadedFile {
    success: true;
    message: string;
    data: {
      filename: string;
      originalName: string;
      /** In bytes. */
      size: number;
      /** Where it can be fetched until `expiresAt`. */
      url: string;
      expiresAt: string;
    };
  }
}
