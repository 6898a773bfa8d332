// Mistakes that the declarations must catch: one a line, with the error it is caught as.

async function mistakes(screen: AndroidNode): Promise<void> {
  screen.isClickable; // expect TS2551
  screen.contentDescription; // expect TS2339
  screen.isChecked === true; // expect TS2367
  screen.inputType === 0; // expect TS2367
  screen.text.length; // expect TS18048
  screen.findByIdOne("id").text; // expect TS2532
  screen.findAdvanced((f) => f.clickable); // expect TS2551
  screen.performAction("ACTION_CLICK"); // expect TS2345
  screen.randomSwipe("center"); // expect TS2345
  await agent.actions.dpad("middle"); // expect TS2345
  await agent.actions.doubleTap(1, 2); // expect TS2554
  await agent.actions.tap("1", 2); // expect TS2345
  (await agent.actions.screenshot(720, 1280, 80)).base64; // expect TS2339
  (await agent.actions.screenshot(720, 1280, 80)).screenshot.length; // expect TS2531
  await agent.actions.adb.tap(1, 2); // expect TS18048
  await agent.control.wait(1000); // expect TS2339
  await agent.utils.job.submitTask("running", { step: 1 }); // expect TS2345
  await agent.utils.job.submitTask("done", {}, true); // expect TS2769
  (await agent.utils.bucket.get()).bucket; // expect TS2339
  await agent.utils.bucket.set(null); // expect TS2345
  await agent.utils.deviceBucket.set([1]); // expect TS2345
  await agent.utils.outOfSteps.submit("crash"); // expect TS2345
  await agent.utils.files.readFullFile("x").then(); // expect TS2339
  agent.utils.files.getPathInfo("x").size; // expect TS2339
  agent.utils.files.getHashes("x").md5; // expect TS2339
  agent.arguments.automationParameters.maxRetries + 1; // expect TS18046
  agent.arguments.jobVariables.email.length; // expect TS18046
  agent.constants.ACTION_CLICK === 17; // expect TS2367
  agent.info.getAutomationInfo().agent.token; // expect TS2532
  agent.control = agent.control; // expect TS2540
  await sleep("1s"); // expect TS2345
  findNodesById("id", screen); // expect TS2345
}
