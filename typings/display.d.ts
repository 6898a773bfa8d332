// agent.display.

declare namespace XgodoApi {
  interface Display {
    /**
     * Shows HTML over the screen, in the rectangle from (`x1`, `y1`) to (`x2`, `y2`) in pixels.
     * Touches go through it. Returns at once; how it fails is not documented.
     *
     * @param opacity 0.0 (invisible) to 1.0 (solid)
     */
    displayHTMLCode(htmlCode: string, x1: number, y1: number, x2: number, y2: number, opacity: number): void;

    /** Removes what `displayHTMLCode` shows. */
    hideHTMLCode(): void;
  }
}
