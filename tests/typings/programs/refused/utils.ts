// Mistakes with agent.utils: one a line, with the error it is caught as.
export {};

agent.utils.randomSwipe(1, 2, 3, 4, "center"); // expect TS2345
agent.utils.isServerReachable().reachable; // expect TS2339
(await agent.utils.isServerReachable()).error; // expect TS2339
agent.utils.waitForNode((node) => node.text); // expect TS2322
agent.utils.waitForNode("OK"); // expect TS2345
if (agent.utils.waitForNodeGone((node) => node.clickable)) stopCurrentAutomation(); // expect TS2801
agent.utils.setNetworkCallback(); // expect TS2554
agent.utils.toastCallback = (message: number) => console.log(message); // expect TS2322
agent.utils.toastCallback("com.example", { message: "Saved" }); // expect TS2721
(await agent.utils.reportCrash("x")).id; // expect TS2571
agent.utils.setAutomationVariables(); // expect TS2554
agent.utils.setAutomationVariables(["waiting"]); // expect TS2345
(await agent.utils.getAutomationVariables()).automation_variables; // expect TS2339
(await agent.utils.uploadTempFile("a.jpg")).data; // expect TS2339
agent.utils.uploadTempFile("a.jpg", 12); // expect TS2345
agent.utils.outOfSteps.storeScreen(null, "stage", "state", 1, ScreenshotRecord.NONE); // expect TS2345
agent.utils.outOfSteps.submit("crash"); // expect TS2345
(await agent.utils.outOfSteps.submit("debug")).id; // expect TS2339
ScreenshotRecord.MEDIUM_QUALITY; // expect TS2339
agent.utils.shell("ls"); // expect TS2339
agent.utils.upload("x"); // expect TS2339
agent.utils.job = agent.utils.job; // expect TS2540
