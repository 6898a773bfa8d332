// What real automations do: none of it may be an error.

interface Record3 {
  count: number;
}

async function gestures(screen: AndroidNode): Promise<void> {
  await agent.actions.goHome();
  await agent.actions.tap(screen.boundsInScreen.left / 2, 10);
  await agent.actions.multiTap([{ x: 1, y: 2, delay: 30 }]);
  await agent.actions.swipePoly(1, 2, [{ x: 3, y: 4 }], 500, true);
  await agent.actions.inputKey(66);
  await agent.actions.inputKey(66, 20, null);
  await agent.actions.launchApp("com.example", true);
  // Declared as returning nothing, and yet awaited in real automations.
  await agent.utils.randomClick(1, 2, 3, 4);
  screen.randomSwipe("up");
  await sleep(100);
  await sleep(100, 200);
}

async function search(screen: AndroidNode): Promise<AndroidNode | undefined> {
  const chained = screen.findAdvanced((f) => f.isEditText().isEditable());
  const joined = screen.findAdvanced(
    (f) => f.hasPackageName("com.example") && f.isClickable() && f.text((text) => text === "OK"),
  );
  const all: AndroidNode[] = [...getAllNodes(null), ...screen.allNodes(), ...findNodesById(screen, "id")];
  const parent: AndroidNode | null = findParentOf(screen, chained);
  if (parent?.clickable && parent.isChecked === 0) {
    const { actionPerformed } = await parent.performAction(agent.constants.ACTION_SET_TEXT, { text: "x" });
    return actionPerformed ? joined : undefined;
  }
  return all.find((node) => node.text?.includes("x"));
}

async function task(record: Record3): Promise<string> {
  await agent.utils.job.submitTask("running", { step: 1 }, false);
  const status: "running" | "success" = record.count > 1 ? "running" : "success";
  await agent.utils.job.submitTask(status, record, status === "success");
  await agent.utils.job.submitTask("failed", record);
  const variables: JobVariables[] = [{ email: "someone@example.com" }];
  await agent.utils.job.addSubTasks(variables);
  await agent.utils.job.addSubTasks([record], true, "job");
  const added = await agent.utils.job.addSubTasks({ job_variables: [record], remote_device_id: "device" });
  return added.success ? added.inserted_ids[0]!.planned_task_id : added.error;
}

async function memory(record: Record3): Promise<void> {
  const bucket = await agent.utils.bucket.set({ seen: 3 });
  if (bucket.success) {
    const seen: unknown = bucket.bucket.seen;
    console.log(seen);
  } else {
    console.error(bucket.error);
  }
  await agent.utils.deviceBucket.set(record);
}

function files(): number {
  const found = agent.utils.files.getPathInfo("/sdcard");
  if (!found.exists) {
    return -1;
  }
  return found.isDirectory ? found.totalItems : found.size;
}

async function parameters(): Promise<number> {
  const { maxRetries } = agent.arguments.automationParameters;
  const email = String(agent.arguments.jobVariables.email);
  const answer = await fetch("https://example.com", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, encoded: btoa(email) }),
  });
  const body: { left: number } = await answer.json();
  return Number(maxRetries ?? 3) + body.left;
}

function callbacks(): void {
  agent.utils.toastCallback = (packageName, { message }) => console.warn(packageName, message);
  agent.utils.toastCallback = null;
  agent.utils.setNetworkCallback((available) => console.log(available));
  const timer: ReturnType<typeof setTimeout> = setTimeout(stopCurrentAutomation, 25 * 60_000);
  clearTimeout(timer);
  clearInterval(setInterval((text: string) => console.log(text), 10, "tick"));
}

async function main(): Promise<void> {
  const screen = await agent.actions.screenContent();
  callbacks();
  await gestures(screen);
  await search(screen);
  await memory({ count: files() });
  await agent.utils.outOfSteps.storeScreen(screen, "stage", "state", 3, ScreenshotRecord.LOW_QUALITY);
  console.log(await task({ count: await parameters() }), agent.info.getDeviceInfo().sdkVersion >= 33);
}

main()
  .catch((error) => agent.utils.reportCrash(error))
  .finally(agent.control.stopCurrentAutomation);
