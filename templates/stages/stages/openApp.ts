import { config } from "../config";
import type { Stage } from "../Stage";

/** Opens the app, wherever the phone is. */
export const openApp: Stage = {
  recognises: () => true,

  async run() {
    // Afresh, so that nothing an earlier run left half done is in the way.
    await agent.actions.launchApp(config.app, true);
    return "writeNote";
  },
};
