// Mistakes with agent.actions: one a line, with the error it is caught as.
export {};

agent.actions.dpad("middle"); // expect TS2345
agent.actions.doubleTap(1, 2); // expect TS2554
agent.actions.tap("1", 2); // expect TS2345
agent.actions.tap(1, 2).boundsInScreen; // expect TS2339
agent.actions.multiTap([{ x: 1, y: 2 }]); // expect TS2741
agent.actions.swipe(1, 2, 3, 4); // expect TS2554
agent.actions.swipePoly(1, 2, { x: 3, y: 4 }, 500); // expect TS2353
agent.actions.inputKey("Enter"); // expect TS2345
agent.actions.inputKey(66, 20, "full"); // expect TS2345
agent.actions.launchIntent("a", null, null, null, null, 0); // expect TS2554
agent.actions.launchIntent("a", null, null, null, null, 0, "provider"); // expect TS2345
agent.actions.reverseCopy().text; // expect TS2339
(await agent.actions.reverseCopy()).files[0]; // expect TS2532
(await agent.actions.screenContent()).length; // expect TS2339
(await agent.actions.allScreensContent()).children; // expect TS2339
agent.actions.screenshot(720, 1280); // expect TS2554
(await agent.actions.screenshot(720, 1280, 80)).base64; // expect TS2339
(await agent.actions.screenshot(720, 1280, 80)).screenshot.length; // expect TS2531
agent.actions.recognizeText((await agent.actions.screenshot(720, 1280, 80)).screenshot); // expect TS2345
(await agent.actions.recognizeText("")).textBlocks[0]; // expect TS2532
(await agent.actions.recognizeText("")).textBlocks?.[0]?.lines[0]?.boundingBox.left; // expect TS2532
agent.actions.nodeAction("com.example:id/name", 16); // expect TS2345
agent.actions.adb.tap(1, 2); // expect TS18048
agent.actions.getDisplaySize(); // expect TS2339
agent.actions.tap = agent.actions.hold; // expect TS2322
agent.actions.adb = undefined; // expect TS2540
