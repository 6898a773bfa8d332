// The task this run works on: what it asks for, what it has to say, and what the job keeps between tasks.

interface Order {
  text: string;
  count: number;
  fresh: boolean;
}

/** What the task asks for, by the variables that `xgodo.schemas.json` describes. */
export function order(): Order {
  const { text, count, fresh } = agent.arguments.jobVariables;
  // A variable may be missing, and numbers and booleans may arrive as text.
  const asked = {
    text: String(text ?? "Hello from Xgodo"),
    count: Number(count ?? 3),
    fresh: String(fresh ?? true) === "true",
  };
  if (!(asked.count >= 1)) {
    throw new Error(`The number of notes has to be 1 or more, not ${count}.`);
  }
  return asked;
}

/** How long the run may take: a little less than the job allows, where it has a limit. */
export function maxMinutes(): number {
  const wanted = Number(agent.arguments.automationParameters.maxMinutes ?? 25);
  const limit = agent.info.getAutomationInfo().timeout ?? Infinity;
  return Math.min(wanted, limit * 0.8);
}

/**
 * Submits progress or, with any status but `"running"`, the task's result; after that nothing more is
 * accepted. A run outside a job has nobody to submit to: it says what it would have submitted.
 */
export async function report(
  status: "running" | "success" | "failed",
  data: Record<string, unknown>,
): Promise<void> {
  const finish = status !== "running";
  const answer = await agent.utils.job.submitTask(status, data, finish);
  if (!answer.success) {
    console.log(`Not submitted: ${status} ${JSON.stringify(data)} (${answer.error})`);
  }
}

/** How many notes the job's tasks have written on this device so far. */
export async function writtenBefore(): Promise<number> {
  const kept = await agent.utils.bucket.get();
  if (!kept.success) {
    console.log(`Counting from nothing: ${kept.error}`);
    return 0;
  }
  return Number(kept.bucket.written ?? 0);
}

/** Keeps that number for the tasks to come. */
export async function rememberWritten(written: number): Promise<void> {
  const kept = await agent.utils.bucket.set({ written });
  if (!kept.success) {
    console.log(`Not kept: written ${written} (${kept.error})`);
  }
}
