// Mistakes with agent.utils.job: one a line, with the error it is caught as.
export {};

const { job } = agent.utils;
job.submitTask("running", { step: 1 }); // expect TS2345
job.submitTask("done", {}, true); // expect TS2769
job.submitTask("success"); // expect TS2554
job.submitTask("success", [1]); // expect TS2345
job.submitTask("success", "text"); // expect TS2345
job.submitTask("success", {}, true, [{ name: "a", extension: "png" }]); // expect TS2769
(await job.submitTask("success", {})).error; // expect TS2339
job.submitTaskToAnotherJob("job", {}, "success"); // expect TS2345
(await job.submitTaskToAnotherJob("job", {})).job_task_id; // expect TS2339
(await job.useAnotherTask()).job_proof; // expect TS2531
(await job.useAnotherTask())?.job_proof.count; // expect TS2339
(await job.getCurrentTask()).job_proof; // expect TS2339
job.addSubTasks({ run_immediately: true }); // expect TS2769
job.addSubTasks({ job_variables: [{}], device: "a" }); // expect TS2769
job.addSubTasks([{}], true, 3); // expect TS2345
(await job.addSubTasks([{}])).inserted_ids; // expect TS2339
job.getSubTasks("id"); // expect TS2345
(await job.getSubTasks(["id"])).tasks; // expect TS2339
