// The JavaScript environment: what real automations use of it, with and without the browser's declarations.
export {};

export async function requests(): Promise<string> {
  const answer = await fetch("https://example.com", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ encoded: btoa("text"), path: encodeURIComponent("a b") }),
  });
  const body: { left: number } = await answer.json();
  const type: string | null = answer.headers.get("content-type");
  const blob: Blob = await answer.blob();
  const bytes = new Uint8Array(await blob.slice(0, 10).arrayBuffer());
  return `${answer.ok} ${answer.status} ${type} ${body.left} ${blob.size} ${bytes.length} ${await answer.text()}`;
}

export function timers(): void {
  const timer: ReturnType<typeof setTimeout> = setTimeout(stopCurrentAutomation, 25 * 60_000);
  clearTimeout(timer);
  clearInterval(setInterval((text: string) => console.log(text), 10, "tick"));
  setTimeout((text: string) => console.log(text), 10, "tick");
  setTimeout(() => console.warn("late", { deep: [1] }, undefined), 10);
}

// The way of most tutorials: what `resolve` takes is `unknown` where nothing says it.
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}

// A program may have a `sleep` of its own, as tutorials do.
export async function pauses(): Promise<void> {
  await sleep(100);
  await sleep(100, 200);
  const sleepTwice = async (ms: number): Promise<void> => sleep(ms).then(() => sleep(ms));
  await sleepTwice(1);
}
