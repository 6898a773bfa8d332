// agent.control.

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
}
