// The app on the emulator's phones, as this automation uses it.

const APP = "dev.xgodo.notes";
const FIELD = `${APP}:id/note`;
const ADD = `${APP}:id/add`;
const ITEM = `${APP}:id/item`;

/** Opens the app, wherever the phone is; `fresh` leaves nothing of what it held. */
export async function openNotes(fresh: boolean): Promise<void> {
  await agent.actions.launchApp(APP, fresh);
}

/** Writes a note, and makes sure that the app shows it. */
export async function writeNote(text: string): Promise<void> {
  await tap(FIELD);
  await agent.actions.writeText(text);
  await tap(ADD);
  if (!(await agent.utils.waitForNode((node) => node.viewId === ITEM && node.text === text, 10_000))) {
    throw new Error(`The app does not show the note "${text}".`);
  }
}

/** Taps the middle of an element, once it is there. */
async function tap(viewId: string): Promise<void> {
  await agent.utils.waitForNode((node) => node.viewId === viewId, 10_000);
  const element = (await agent.actions.screenContent()).findByIdOne(viewId);
  if (!element) {
    throw new Error(`There is no ${viewId} on the screen.`);
  }
  const { left, right, top, bottom } = element.boundsInScreen;
  await agent.actions.tap((left + right) / 2, (top + bottom) / 2);
}
