import { openNotes, writeNote } from "./notes";
import { maxMinutes, order, rememberWritten, report, writtenBefore } from "./task";

async function main(): Promise<void> {
  const { text, count, fresh } = order();
  let written = await writtenBefore();
  const notes: string[] = [];

  await openNotes(fresh);
  while (notes.length < count) {
    const note = `${text} ${written + 1}`;
    await writeNote(note);
    console.log(`The app shows the note "${note}"`);
    notes.push(note);
    written += 1;
    // At once: a run that ends half way through must leave no number to be given twice.
    await rememberWritten(written);
    await report("running", { notes, written });
  }
  await report("success", { notes, written });
}

/** Rejects when the run has taken too long, while there still is time to say so. */
async function timeIsUp(): Promise<never> {
  const minutes = maxMinutes();
  await sleep(minutes * 60_000);
  throw new Error(`Not done after ${minutes} minutes.`);
}

Promise.race([main(), timeIsUp()])
  .catch(async (error) => {
    console.error(error);
    await report("failed", { error: String(error) });
    // Thrown again, so that the run counts as failed.
    throw error;
  })
  // Nothing else ends a run, not even its last report: without this the phone stays busy.
  .finally(agent.control.stopCurrentAutomation);
