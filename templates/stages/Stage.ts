import type { StageName } from "./stages/index";

/** One screen the automation knows, and what to do on it. */
export interface Stage {
  /** Whether `screen` is the one this stage is for. */
  recognises(screen: AndroidNode): boolean;

  /** Acts on that screen. Resolves to the stage that comes next, or to `"done"`. */
  run(screen: AndroidNode): Promise<StageName | "done">;
}
