// Mistakes with agent.utils.files: one a line, with the error it is caught as.
export {};

const { files } = agent.utils;
files.readFullFile("x").then(); // expect TS2339
files.getPathInfo("x").size; // expect TS2339
files.getPathInfo("x").fileCount; // expect TS2339
files.getHashes("x").md5; // expect TS2339
files.getHashes("x").error; // expect TS2339
files.readFileAsBlob("x").size; // expect TS2531
files.bytesToBlob([1]).size; // expect TS2531
files.readChunk(files.openStream("x")); // expect TS2554
files.readChunk(1, 10); // expect TS2345
files.list("x").fileCount; // expect TS2339
files.list("x")[0].isFolder; // expect TS2339
files.writeFile("x", "text"); // expect TS2339
files.delete("x"); // expect TS2339
