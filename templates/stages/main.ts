import type { Stage } from "./Stage";
import { type StageName, stages } from "./stages/index";
import { takeStep, waitForScreen } from "./util";

async function main(): Promise<void> {
  await agent.actions.goHome();

  let next: StageName | "done" = "openApp";
  while (next !== "done") {
    takeStep();
    console.log(`Stage ${next}`);
    const stage: Stage = stages[next];
    next = await stage.run(await waitForScreen(stage.recognises, `The screen of ${next}`));
  }
}

main()
  .catch((error) => {
    console.error(error);
    // Thrown again, so that the run counts as failed.
    throw error;
  })
  // Nothing else ends a run: without this the phone stays busy.
  .finally(agent.control.stopCurrentAutomation);
