async function main(): Promise<void> {
  // Given under [run.parameters] in xgodo.toml; a value may be missing, or arrive as text.
  const maxRetries = Number(agent.arguments.automationParameters.maxRetries ?? 3);

  await agent.actions.goHome();
  for (let attempt = 1; attempt <= maxRetries; attempt += 1) {
    const screen = await agent.actions.screenContent();
    const labels = getAllNodes(screen).flatMap((node) => node.text ?? []);
    if (labels.length > 0) {
      console.log(`The home screen shows: ${labels.join(", ")}`);
      return;
    }
    console.warn(`Nothing on the home screen yet (look ${attempt} of ${maxRetries})`);
    await sleep(500);
  }
  throw new Error("The home screen stayed empty.");
}

main()
  .catch((error) => {
    console.error(error);
    // Thrown again, so that the run counts as failed.
    throw error;
  })
  // Nothing else ends a run: without this the phone stays busy.
  .finally(agent.control.stopCurrentAutomation);
