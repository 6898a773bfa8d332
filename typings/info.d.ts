// agent.info.

declare namespace XgodoApi {
  interface Info {
    /** What this run is. Returns at once, not with a promise. */
    getAutomationInfo(): AutomationInfo;

    /** What this device is. Returns at once, not with a promise. */
    getDeviceInfo(): DeviceInfo;

    /**
     * The device's phone number when it was verified, else `null`.
     *
     * Its type is not documented: that it is a promise follows from the server behind it, its value is the
     * likeliest.
     */
    getVerifiedPhoneNumber(): Promise<string | null>;
  }

  interface AutomationInfo {
    name: string;
    description: string;
    /** Identifies this run; its logs are kept under it. */
    launchId: string;
    /** Present in runs that belong to a job. */
    agent?: AgentOfRun;
    serverBaseUrl: string;
    /** The run's time limit in **minutes**. Needs version 2.123 (135) of the Xgodo app. */
    timeout?: number;
  }

  interface AgentOfRun {
    id: string;
    /** The commit of the project that runs. */
    commitId: string;
    /** A live credential. Never log it or send it anywhere. */
    token: string;
    jobTaskId: string;
  }

  interface DeviceInfo {
    id: string;
    brand: string;
    model: string;
    /** Android's API level, e.g. 33 for Android 13. */
    sdkVersion: number;
    processor: string;
    numberOfCores: number;
    /** Memory in megabytes. */
    ramMb: number;
    country: string;
    isEmulator: boolean;
    /** Width of the screen in pixels. */
    width: number;
    /** Height of the screen in pixels. */
    height: number;
  }
}
