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
  /** The widget's class is a button. */
  isButton(): AndroidNodeFilter;
  /** The widget's class is a text field. */
  isEditText(): AndroidNodeFilter;
  /** `clickable` is true. */
  isClickable(): AndroidNodeFilter;
  /** `isEditable` is true. */
  isEditable(): AndroidNodeFilter;
  /** `isScrollable` is true. */
  isScrollable(): AndroidNodeFilter;
  /** The node's `packageName` is exactly `packageName`. */
  hasPackageName(packageName: string): AndroidNodeFilter;
  /** `predicate` accepts the node's `text`. */
  text(predicate: (text: string | undefined) => boolean): AndroidNodeFilter;

  // What follows is known only from an older type file, written by hand, which lacks methods that exist.

  /**
   * The node's `text` is `text`, or perhaps has it in it.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  hasText(text: string): AndroidNodeFilter;
  /**
   * The node's `description` is `description`, or perhaps has it in it.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  hasDescription(description: string): AndroidNodeFilter;
  /**
   * The node's `viewId` is `viewId`, or perhaps has it in it.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  hasViewId(viewId: string): AndroidNodeFilter;
  /**
   * The node's `className` is `className`, or perhaps has it in it.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  hasClassName(className: string): AndroidNodeFilter;
  /**
   * `isEnabled` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isEnabled(): AndroidNodeFilter;
  /**
   * `isFocusable` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isFocusable(): AndroidNodeFilter;
  /**
   * `isFocused` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isFocused(): AndroidNodeFilter;
  /**
   * `isLongClickable` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isLongClickable(): AndroidNodeFilter;
  /**
   * `isPassword` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isPassword(): AndroidNodeFilter;
  /**
   * `isSelected` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isSelected(): AndroidNodeFilter;
  /**
   * `isVisibleToUser` is true.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isVisibleToUser(): AndroidNodeFilter;
  /**
   * The element can be checked.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isCheckable(): AndroidNodeFilter;
  /**
   * The element is checked.
   * Not confirmed, so a device may lack it: `find` with a function is sure to work.
   */
  isChecked(): AndroidNodeFilter;
}
