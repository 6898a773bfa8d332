// Mistakes with the globals: one a line, with the error it is caught as.
export {};

sleep("1s"); // expect TS2345
sleep(); // expect TS2554
sleep(100).then((ms) => ms.toFixed()); // expect TS2339
getAllNodes("root"); // expect TS2345
stopCurrentAutomation(0); // expect TS2554
(await fetch("https://example.com")).content; // expect TS2339
fetch("https://example.com").json(); // expect TS2339
