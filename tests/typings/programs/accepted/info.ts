// agent.info, agent.control, agent.display, agent.arguments and the rest of agent.
export {};

export function run(): string {
  const run = agent.info.getAutomationInfo();
  const minutes: number = run.timeout ?? 30;
  const task: string | undefined = run.agent?.jobTaskId;
  return `${run.name} ${run.description} ${run.launchId} ${run.serverBaseUrl} ${minutes} ${task} ${run.agent?.commitId}`;
}

export async function device(): Promise<string> {
  const device = agent.info.getDeviceInfo();
  const modern: boolean = device.sdkVersion >= 33 && !device.isEmulator;
  const phone: string | null = await agent.info.getVerifiedPhoneNumber();
  const size: number = device.width * device.height + device.ramMb / device.numberOfCores;
  return [device.id, device.brand, device.model, device.processor, device.country, modern, phone, size].join();
}

export function display(): void {
  agent.display.displayHTMLCode("<b>hello</b>", 0, 0, 100, 50, 0.5);
  agent.display.hideHTMLCode();
  agent.recordUsage("screens", 1);
  console.log(typeof agent.email, typeof agent.notifications);
}

export function parameters(): [number, boolean] {
  const { maxRetries } = agent.arguments.automationParameters;
  const parameters: AutomationParameters = { maxRetries };
  const variables: JobVariables = agent.arguments.jobVariables;
  return [Number(parameters.maxRetries ?? 3), variables.dry === true || variables.dry === "true"];
}

// The types of results have no names that are the same on the platform: they are derived.
type Device = ReturnType<typeof agent.info.getDeviceInfo>;
export const sdkOf = (device: Device): number => device.sdkVersion;

export const stops: (() => void)[] = [agent.control.stopCurrentAutomation, stopCurrentAutomation];
