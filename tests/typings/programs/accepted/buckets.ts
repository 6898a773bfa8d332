// agent.utils.bucket and agent.utils.deviceBucket.
export {};

const { bucket, deviceBucket } = agent.utils;

export async function ofTheJob(): Promise<number> {
  const before = await bucket.get();
  if (!before.success) {
    throw new Error(before.error);
  }
  const seen: unknown = before.bucket.seen;
  const after = await bucket.set({ seen: Number(seen ?? 0) + 1 });
  const whole: Bucket | null = after.success ? after.bucket : null;
  return typeof whole?.seen === "number" ? whole.seen : -1;
}

export async function ofTheDevice(proxy: { host: string }): Promise<string> {
  await deviceBucket.set(proxy);
  await deviceBucket.set({ proxy, seen: [1, 2] });
  const read = await deviceBucket.get();
  return read.success ? read.deviceBucket.proxy.host : read.error;
}
