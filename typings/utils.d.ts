// agent.utils: gestures, waiting, callbacks, variables and buckets.

declare namespace XgodoApi {
  interface Utils {
    /** Taps a random point of the rectangle, in pixels. */
    randomClick(x1: number, y1: number, x2: number, y2: number): void;

    /** Swipes from a random point of the rectangle; `direction` is the finger's: `"up"` shows what is further down. */
    randomSwipe(x1: number, y1: number, x2: number, y2: number, direction: Direction): void;

    /** Whether the device reaches the platform. */
    isServerReachable(): Promise<{ reachable: true } | { reachable: false; error: string }>;

    /**
     * Waits until `condition` accepts some node on the screen.
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

    /** Calls `callback` when the network comes or goes; `null` ends that. */
    setNetworkCallback(callback: ((networkAvailable: boolean) => void) | null): void;

    /** Assign a function to have it called for each toast, `null` to end that. */
    toastCallback: ((packageName: string, data: { message: string }) => void) | null;

    /**
     * Tells the platform about a crash.
     *
     * In no documentation, but the platform's own template calls it in its last `catch`; what it resolves
     * to is unknown.
     */
    reportCrash(error: unknown): Promise<unknown>;

    /**
     * Stores variables on the current task. `{ waiting: true }` offers the task to `job.useAnotherTask`.
     * Whether it merges or replaces is not documented.
     */
    setAutomationVariables(variables: DataObject): Promise<AutomationVariables | Failure>;

    /** Reads what `setAutomationVariables` stored; the value can be null or undefined. */
    getAutomationVariables(): Promise<AutomationVariables | Failure>;

    /**
     * Uploads content for 15 minutes, up to 50 MB.
     *
     * @param base64Data the content as bare base64
     */
    uploadTempFile(filename: string, base64Data: string): Promise<UploadedFile | Failure>;
    /** Uploads a file of the device for 15 minutes, up to 50 MB. */
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
      url: string;
      expiresAt: string;
    };
  }

  /** One bucket per job and device. Outside a job every call resolves to a `Failure`. */
  interface JobBucket {
    /** The bucket; `{}` before the first `set`. */
    get(): Promise<{ success: true; bucket: Bucket } | Failure>;

    /**
     * **Merges** `data` into the bucket, key by key at the top level, and resolves to the whole.
     * A bucket that breaks the automation's bucket schema is refused.
     */
    set(data: Partial<Bucket>): Promise<{ success: true; bucket: Bucket } | Failure>;
  }

  /** One bucket per device, shared by every job and automation on it. Works in direct runs too. */
  interface DeviceBucket {
    /** The bucket; `{}` before the first `set`. */
    get(): Promise<{ success: true; deviceBucket: Record<string, any> } | Failure>;

    /** **Merges** `data` into the bucket, key by key at the top level, and resolves to the whole. */
    set(data: DataObject): Promise<{ success: true; deviceBucket: Record<string, any> } | Failure>;
  }

  interface OutOfSteps {
    /** Records one step: the screen, where the automation was, and how many steps were left. */
    storeScreen(
      screen: AndroidNode,
      stage: string,
      screenState: string,
      remainingSteps: number,
      screenshotRecord: ScreenshotRecord,
    ): Promise<void>;

    /** Uploads the recorded steps; keep the `id` with the task's result to find them again. */
    submit(type: "outOfSteps" | "timeout" | "debug"): Promise<{ success: true; id: string } | Failure>;
  }
}
