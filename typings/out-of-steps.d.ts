// agent.utils.outOfSteps: what an automation saw, for whoever finds out why it got nowhere.

declare namespace XgodoApi {
  interface OutOfSteps {
    /**
     * Records one step: the screen, where the automation was, and how many steps were left.
     * One real automation has been seen to leave `screenshotRecord` out; what it means then is not documented.
     *
     * @param screen the root, as `screenContent` gives it
     * @param screenshotRecord how good a screenshot is kept with it
     */
    storeScreen(
      screen: AndroidNode,
      stage: string,
      screenState: string,
      remainingSteps: number,
      screenshotRecord: ScreenshotRecord,
    ): Promise<void>;

    /**
     * Uploads the recorded steps, or resolves to a `Failure`; keep the `id` with the task's result to find
     * them again.
     */
    submit(type: "outOfSteps" | "timeout" | "debug"): Promise<{ success: true; id: string } | Failure>;
  }
}
