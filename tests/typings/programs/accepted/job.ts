// agent.utils.job: reports, sub-tasks, and the union that every call resolves to.
export {};

interface Proof {
  count: number;
}

const { job } = agent.utils;

export async function reports(proof: Proof): Promise<string> {
  const file = { name: "screen", extension: ".jpeg", base64Data: "aGVsbG8=" };
  await job.submitTask("running", { step: 1 }, false);
  await job.submitTask("running", proof, proof.count > 3, [file]);
  await job.submitTask("success", proof);
  await job.submitTask("failed", { reason: "no network" }, true, [file] as const);
  const status: "running" | "success" = proof.count > 1 ? "running" : "success";
  await job.submitTask(status, proof, status === "success");
  const result = await job.submitTask("declined", {});
  if (result.success) {
    const sure: true = result.success;
    return String(sure);
  }
  const reason: string = result.error;
  return reason;
}

export async function elsewhere(proof: Proof): Promise<string> {
  await job.submitTaskToAnotherJob("job", proof);
  const written = await job.submitTaskToAnotherJob("job", proof, "pending", []);
  return written.success ? written.job_task_id + written.job_id : written.error;
}

export async function tasks(): Promise<unknown> {
  const other = await job.useAnotherTask();
  const proof: Proof | null = other && JSON.parse(other.job_proof);
  const current = await job.getCurrentTask();
  if (!current.success) {
    throw new Error(current.error);
  }
  const timeout: number = current.timeout;
  return [proof, current.job_proof.count, current.parent_task_id, timeout];
}

export async function subTasks(proof: Proof, mine: JobVariables): Promise<string[]> {
  await job.addSubTasks([mine]);
  await job.addSubTasks([{ email: "someone@example.com" }], true);
  await job.addSubTasks([proof] as const, true, "job");
  const added = await job.addSubTasks({ job_variables: [proof], job_id: "job", remote_device_id: "device" });
  if (!added.success) {
    return [added.error];
  }
  const assigned = added.assignment_results?.filter((result) => result.assigned) ?? [];
  const ids: string[] = added.inserted_ids.map((inserted) => inserted.planned_task_id);
  const states = await job.getSubTasks([...ids, ...assigned.map((result) => result.planned_task_id)]);
  if (!states.success) {
    return [];
  }
  return Object.entries(states.tasks).map(([id, task]) => `${id} ${task.status} ${task.comment ?? task.job_proof}`);
}
