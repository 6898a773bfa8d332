// Mistakes with agent.utils.bucket and agent.utils.deviceBucket: one a line, with the error it is caught as.
export {};

(await agent.utils.bucket.get()).bucket; // expect TS2339
agent.utils.bucket.get().bucket; // expect TS2339
agent.utils.bucket.set(); // expect TS2554
agent.utils.bucket.set(null); // expect TS2345
agent.utils.bucket.set("text"); // expect TS2345
agent.utils.bucket.delete("name"); // expect TS2339
(await agent.utils.bucket.set({})).deviceBucket; // expect TS2339
(await agent.utils.deviceBucket.get()).bucket; // expect TS2339
agent.utils.deviceBucket.set([1]); // expect TS2345
agent.utils.deviceBucket.set(null); // expect TS2345
