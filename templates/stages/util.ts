import { config } from "./config";

/** Stages the run may still go through. Whoever imports it sees it count down. */
export let remainingSteps: number = config.maxSteps;

/** Uses up one step. Throws when none is left, so that no run goes round in circles for ever. */
export function takeStep(): void {
  if (remainingSteps === 0) {
    throw new Error(`Not done after ${config.maxSteps} steps.`);
  }
  remainingSteps -= 1;
}

/** Fetches the screen until `wanted` accepts it. */
export async function waitForScreen(
  wanted: (screen: AndroidNode) => boolean,
  description: string,
): Promise<AndroidNode> {
  const deadline = Date.now() + config.patience;
  for (;;) {
    const screen = await agent.actions.screenContent();
    if (wanted(screen)) {
      return screen;
    }
    if (Date.now() > deadline) {
      throw new Error(`${description} did not appear within ${config.patience} ms.`);
    }
    await sleep(200);
  }
}

/** The first element with that `viewId`. Throws when the screen has none. */
export function element(screen: AndroidNode, viewId: string): AndroidNode {
  const found: AndroidNode | undefined = findNodesById(screen, viewId)[0];
  if (found === undefined) {
    throw new Error(`There is no ${viewId} on the screen.`);
  }
  return found;
}

/** Taps the middle of an element. */
export async function tap(node: AndroidNode): Promise<void> {
  const { left, right, top, bottom } = node.boundsInScreen;
  await agent.actions.tap((left + right) / 2, (top + bottom) / 2);
}
