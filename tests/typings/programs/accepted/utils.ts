// agent.utils: gestures, waiting, callbacks, variables, uploads, and the recorded steps.
export {};

const { utils } = agent;

export async function gestures(way: "left" | "right"): Promise<void> {
  utils.randomClick(1, 2, 3, 4);
  // Declared as returning nothing, and yet awaited in real automations.
  await utils.randomClick(1, 2, 3, 4);
  utils.randomSwipe(1, 2, 3, 4, way);
}

export async function waiting(): Promise<boolean> {
  const reached = await utils.isServerReachable();
  if (!reached.reachable) {
    const reason: string = reached.error;
    console.error(reason);
  }
  const appeared: boolean = await utils.waitForNode((node) => node.text === "OK");
  return appeared && (await utils.waitForNodeGone((node) => node.clickable, 10_000, 250));
}

export function callbacks(): void {
  utils.setNetworkCallback((available) => console.log(available === true));
  utils.setNetworkCallback(null);
  utils.toastCallback = (packageName, { message }) => console.log(packageName.length + message.length);
  utils.toastCallback?.("com.example", { message: "Saved" });
  utils.toastCallback = null;
}

export async function variables(): Promise<string> {
  const stored = await utils.setAutomationVariables({ waiting: true });
  const read = await utils.getAutomationVariables();
  if (!stored.success) {
    return stored.error;
  }
  return read.success ? String(read.automation_variables?.waiting) : read.error;
}

export async function uploads(): Promise<string> {
  const content = await utils.uploadTempFile("screen.jpg", "aGVsbG8=");
  const file = await utils.uploadTempFile("/sdcard/Download/screen.jpg");
  if (content.success && file.success) {
    const size: number = content.data.size + file.data.size;
    return `${content.message} ${content.data.url} ${file.data.expiresAt} ${size}`;
  }
  return content.success ? "the second failed" : content.error;
}

export async function steps(screen: AndroidNode): Promise<string> {
  await utils.outOfSteps.storeScreen(screen, "login", "form", 7, ScreenshotRecord.HIGH_QUALITY);
  await utils.outOfSteps.storeScreen(screen, "login", "form", 6, ScreenshotRecord.NONE);
  const submitted = await utils.outOfSteps.submit("timeout");
  return submitted.success ? submitted.id : submitted.error;
}

export async function crash(error: unknown): Promise<string> {
  return JSON.stringify(await utils.reportCrash(error));
}
