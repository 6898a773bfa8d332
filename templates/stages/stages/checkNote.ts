import { config } from "../config";
import type { Stage } from "../Stage";
import { remainingSteps } from "./index";
import { textToWrite } from "./writeNote";

/** Makes sure that the note is really there. */
export const checkNote: Stage = {
  recognises: (screen) => findNodesById(screen, config.ids.item).some((item) => item.text === textToWrite()),

  async run() {
    console.log(`The app shows the note "${textToWrite()}" (${remainingSteps} steps left)`);
    return "done";
  },
};
