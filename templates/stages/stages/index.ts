import type { Stage } from "../Stage";
import { checkNote } from "./checkNote";
import { openApp } from "./openApp";
import { writeNote } from "./writeNote";

export { remainingSteps } from "../util";

/** Every stage by its name. The stages import from here too, to name the one that comes next. */
export const stages = {
  openApp,
  writeNote,
  checkNote,
} as const satisfies Record<string, Stage>;

export type StageName = keyof typeof stages;
