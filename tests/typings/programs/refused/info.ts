// Mistakes with agent.info, agent.control, agent.display, agent.arguments and the rest of agent: one a line, with the error it is caught as.
export {};

agent.info.getAutomationInfo().agent.token; // expect TS2532
agent.info.getAutomationInfo().timeout * 60; // expect TS2532
agent.info.getDeviceInfo().then(); // expect TS2339
agent.info.getDeviceInfo().sdkVersion === "33"; // expect TS2367
agent.info.getDeviceInfo().androidVersion; // expect TS2339
agent.info.getVerifiedPhoneNumber().length; // expect TS2339
(await agent.info.getVerifiedPhoneNumber()).length; // expect TS2531
agent.control.wait(1000); // expect TS2339
agent.control.adbShell("ls"); // expect TS2339
agent.display.displayHTMLCode("<b>hello</b>", 0, 0, 100, 50); // expect TS2554
agent.arguments.automationParameters.maxRetries + 1; // expect TS18046
agent.arguments.jobVariables.email.length; // expect TS18046
agent.arguments.parameters; // expect TS2339
agent.email.read(); // expect TS2339
agent.notifications.onReceive; // expect TS2339
agent.recordUsage("screens"); // expect TS2554
agent.control = agent.control; // expect TS2540
agent.arguments.jobVariables = {}; // expect TS2540
agent.sleep(100); // expect TS2339
