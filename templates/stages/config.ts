interface Config {
  /** Package name of the app to work with. */
  app: string;
  /** What to write when the job gives no `text`. */
  text: string;
  /** The `viewId` of each kind of element it looks for. */
  ids: Record<string, string>;
  /** How many stages a run may go through before it gives up. */
  maxSteps: number;
  /** How long a screen may take to appear, in ms. */
  patience: number;
}

// The app is the one on the emulator's phones.
export const config = {
  app: "dev.xgodo.notes",
  text: "Hello from Xgodo",
  ids: {
    field: "dev.xgodo.notes:id/note",
    add: "dev.xgodo.notes:id/add",
    item: "dev.xgodo.notes:id/item",
  },
  maxSteps: 10,
  patience: 10_000,
} as const satisfies Config;
