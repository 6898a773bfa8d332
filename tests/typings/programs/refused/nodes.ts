// Mistakes with AndroidNode and AndroidNodeFilter: one a line, with the error it is caught as.
export {};

declare const screen: AndroidNode;
screen.isClickable; // expect TS2551
screen.contentDescription; // expect TS2339
screen.click(); // expect TS2339
screen.isChecked === true; // expect TS2367
screen.inputType === 0; // expect TS2367
screen.text.length; // expect TS18048
screen.className.length; // expect TS18047
screen.boundsInScreen.width; // expect TS2339
screen.collectionInfo.rowCount; // expect TS18048
screen.parent.text; // expect TS18049
screen.findByIdOne("id").text; // expect TS2532
screen.find((node) => node.isClickable()); // expect TS2551
screen.findTextOne(/OK/); // expect TS2345
screen.findText("OK").text; // expect TS2339
screen.findAdvanced((f) => f.clickable); // expect TS2551
screen.findAdvanced((f) => f.isButton); // expect TS2345
screen.findAdvanced((f) => f.isButton().clickable()); // expect TS2551
screen.findAdvanced((f) => f.hasPackageName(/example/)); // expect TS2345
screen.findAdvanced((f) => f.text("OK")); // expect TS2345
screen.findAdvanced((f) => f.text((text) => text.length > 0)); // expect TS18048
screen.findAdvanced((f) => f.description()); // expect TS2551
screen.findAdvanced((f) => f.isClickable() && "yes"); // expect TS2322
screen.filterAdvanced((f) => f.isClickable()).text; // expect TS2339
screen.performAction("ACTION_CLICK"); // expect TS2345
screen.performAction(2097152, "text"); // expect TS2345
(await screen.performAction(16)).success; // expect TS2339
screen.randomSwipe("center"); // expect TS2345
findNodesById("id", screen); // expect TS2345
findParentOf(screen, screen).text; // expect TS2531
