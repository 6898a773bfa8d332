// agent.actions: every call, with and without what may be left out.
export {};

const { actions } = agent;

export async function touch(): Promise<void> {
  await actions.tap(1.5, 2);
  await actions.doubleTap(1, 2, 80);
  const taps = [{ x: 1, y: 2, delay: 30 }] as const;
  await actions.multiTap(taps);
  await actions.hold(1, 2, 800);
  await actions.swipe(1, 2, 3, 4, 500);
  await actions.swipePoly(1, 2, [{ x: 3, y: 4 }], 500);
  await actions.swipePoly(1, 2, [{ x: 3, y: 4 }], 500, true);
  const done: void = await actions.goHome();
  return actions.goBack().then(() => actions.recents()).then(() => done);
}

export async function keys(way: "up" | "down"): Promise<string> {
  await actions.dpad(way);
  await actions.dpad("center");
  await actions.inputKey(66);
  await actions.inputKey(66, 20, null);
  await actions.inputKey(66, undefined, way);
  await actions.writeText("text");
  await actions.copyText("text");
  await actions.paste();
  await actions.hideKeyboard();
  const clipboard = await actions.reverseCopy();
  const names: string[] | undefined = clipboard.files?.map((file) => `${file.name} ${file.mimeType} ${file.uri}`);
  // The reference leaves the type of what else was copied open.
  const anything: { deep: number } = clipboard.data;
  return clipboard.text + names?.join() + anything.deep;
}

export async function apps(): Promise<string | undefined> {
  await actions.launchApp("com.example");
  await actions.launchApp("com.example", true);
  await actions.launchIntent("android.intent.action.VIEW", null, null, null, null, 0, "activity");
  await actions.launchIntent("a", "b", "/sdcard/c", "text/plain", { extra: [1] }, 1, "broadcast", true);
  await actions.browse("https://example.com");
  await actions.browse("https://example.com", true);
  const labels: Record<string, string> = await actions.listApps();
  return labels["com.example"];
}

export async function screen(): Promise<[number, number] | null> {
  const windows: AndroidNode[] = await actions.allScreensContent();
  const [first] = windows;
  await actions.nodeAction(first ?? { viewId: "com.example:id/name" }, agent.constants.ACTION_CLICK);
  const fields = ["falseId", "text"] as const;
  const { actionPerformed } = await actions.nodeAction({}, 16, { text: "x" }, fields);
  const whole = await actions.screenshot(720, 1280, 80);
  const part = await actions.screenshot(720, 1280, 80, 0, 0, 100, 100);
  if (whole.screenshot === null || part.screenshot === null || !actionPerformed) {
    return null;
  }
  await actions.showNotification("title", "message");
  await actions.saveFile("screen.jpg", whole.screenshot, true);
  await actions.saveFile("notes.txt", "text");
  const found = await actions.recognizeText(part.screenshot);
  const scale: number = part.originalWidth / part.compressedWidth;
  const line = found.textBlocks?.[0]?.lines.find((each) => each.text.startsWith("OK"));
  const box = line?.boundingBox ?? line?.elements[0]?.boundingBox;
  return box === undefined ? null : [((box.left + box.right) / 2) * scale, ((box.top + box.bottom) / 2) * scale];
}

export async function rare(): Promise<void> {
  await actions.airplane();
  await actions.adb?.tap(1, 2);
  if (actions.adb) {
    await actions.adb.tap(1, 2);
  }
}
