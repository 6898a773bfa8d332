// AndroidNodeFilter: the conditions of findAdvanced and filterAdvanced.

/**
 * Conditions a node must meet, all of them. Each call adds one to the same filter and returns that
 * filter, so chaining and joining with `&&` mean the same. `||` and `!` can't express "or" and
 * "not": use `find` with a function for those.
 *
 * @example screen.findAdvanced((f) => f.isEditText().isEditable())
 * @example screen.findAdvanced((f) => f.hasPackageName("com.example") && f.isClickable())
 */
interface AndroidNodeFilter {
  /** The widget is a button. */
  isButton(): AndroidNodeFilter;
  /** The widget is a text field. */
  isEditText(): AndroidNodeFilter;
  /** `clickable` is true. */
  isClickable(): AndroidNodeFilter;
  /** `isEditable` is true. */
  isEditable(): AndroidNodeFilter;
  /** `isScrollable` is true. */
  isScrollable(): AndroidNodeFilter;
  /** `packageName` equals `packageName`. */
  hasPackageName(packageName: string): AndroidNodeFilter;
  /** `predicate` accepts the node's `text`. */
  text(predicate: (text: string | undefined) => boolean): AndroidNodeFilter;
}
