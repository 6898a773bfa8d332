// agent.utils.bucket and agent.utils.deviceBucket: what stays on the platform from one run to the next.

declare namespace XgodoApi {
  /** One bucket per job and device, kept from task to task. */
  interface JobBucket {
    /** Reads the bucket; `{}` before the first `set`. Outside a job it resolves to a `Failure`. */
    get(): Promise<{ success: true; bucket: Bucket } | Failure>;

    /**
     * **Merges** `data` into the bucket, key by key at the top level, and resolves to the whole.
     * Resolves to a `Failure` outside a job, and when the whole would break the automation's bucket schema.
     */
    set(data: Partial<Bucket>): Promise<{ success: true; bucket: Bucket } | Failure>;
  }

  /** One bucket per device, shared by every job and automation on it. Works in direct runs too. */
  interface DeviceBucket {
    /** Reads the bucket; `{}` before the first `set`. There is no schema: look at what you read. */
    get(): Promise<{ success: true; deviceBucket: Record<string, any> } | Failure>;

    /**
     * **Merges** `data` into the bucket, key by key at the top level, and resolves to the whole.
     * The server refuses `null` and arrays, and so does this type.
     */
    set(data: DataObject): Promise<{ success: true; deviceBucket: Record<string, any> } | Failure>;
  }
}
