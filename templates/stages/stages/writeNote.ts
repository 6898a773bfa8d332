import { config } from "../config";
import type { Stage } from "../Stage";
import { element, tap } from "../util";

/** The text to write: the job's, where it gives one. */
export function textToWrite(): string {
  return String(agent.arguments.jobVariables.text ?? config.text);
}

/** Types the text into the app's field and adds it to the notes. */
export const writeNote: Stage = {
  recognises: (screen) => findNodesById(screen, config.ids.field).length > 0,

  async run(screen) {
    await tap(element(screen, config.ids.field));
    await agent.actions.writeText(textToWrite());
    await tap(element(await agent.actions.screenContent(), config.ids.add));
    return "checkNote";
  },
};
