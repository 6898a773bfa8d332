// agent.control, agent.display and agent.arguments.

declare namespace XgodoApi {
  interface Control {
    /**
     * Ends this run at once: code after the call does not execute.
     *
     * A run goes on until this is called, even after `main` has returned and after a final task
     * result was submitted. Works without its object:
     * `main().finally(agent.control.stopCurrentAutomation)`.
     *
     * There is no `agent.control.wait`: use `await sleep(ms)`.
     */
    stopCurrentAutomation(this: void): void;
  }

  interface Display {
    /**
     * Shows HTML over the screen, in the rectangle from (`x1`, `y1`) to (`x2`, `y2`) in pixels.
     * Touches go through it.
     *
     * @param opacity 0.0 (invisible) to 1.0 (solid)
     */
    displayHTMLCode(htmlCode: string, x1: number, y1: number, x2: number, y2: number, opacity: number): void;

    /** Removes what `displayHTMLCode` shows. */
    hideHTMLCode(): void;
  }

  interface Arguments {
    /** Values for the automation's parameters. */
    readonly automationParameters: AutomationParameters;
    /** Values for the variables of the job task. */
    readonly jobVariables: JobVariables;
  }
}
