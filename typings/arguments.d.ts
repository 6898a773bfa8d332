// What a run is started with. A project without schemas of its own uses this file as it is; where a
// project has schemas, a file generated from them takes its place.

/**
 * The automation's parameters, set by whoever configures it.
 *
 * Without a schema any name can be read, and its value must be looked at before use:
 * `const retries = Number(agent.arguments.automationParameters.maxRetries ?? 3)`.
 */
interface AutomationParameters {
  [name: string]: unknown;
}

/**
 * The variables of the job task this run works on.
 *
 * Numbers and booleans may arrive as text (`"3"`, `"true"`), whatever the schema says.
 */
interface JobVariables {
  [name: string]: unknown;
}

/** What `agent.utils.bucket` keeps for this job on this device. */
interface Bucket {
  [name: string]: unknown;
}
