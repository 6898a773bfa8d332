// The filter handed to `findAdvanced` and `filterAdvanced`. Programs chain its calls and also join them
// by `&&`; both work when each call adds a condition to the same object and returns it.
(function installNodeFilter(kit) {
  "use strict";

  const isOfClass = (ending) => {
    const endsWith = kit.uncurry(String.prototype.endsWith);
    return (node) => typeof node.className === "string" && endsWith(node.className, ending);
  };
  const isTrue = (property) => (node) => node[property] === true;
  const isPositive = (property) => (node) => node[property] > 0;
  const exists = (property) => (node) => node[property] !== undefined;

  const states = {
    isButton: isOfClass("Button"),
    isEditText: isOfClass("EditText"),
    isClickable: isTrue("clickable"),
    isEditable: isTrue("isEditable"),
    isScrollable: isTrue("isScrollable"),
    isEnabled: isTrue("isEnabled"),
    isFocusable: isTrue("isFocusable"),
    isFocused: isTrue("isFocused"),
    isLongClickable: isTrue("isLongClickable"),
    isPassword: isTrue("isPassword"),
    isSelected: isTrue("isSelected"),
    isVisibleToUser: isTrue("isVisibleToUser"),
    isCheckable: exists("isChecked"),
    isChecked: isPositive("isChecked"),
  };

  const values = {
    hasPackageName: "packageName",
    hasText: "text",
    hasDescription: "description",
    hasViewId: "viewId",
    hasClassName: "className",
  };

  // What a program must not find on a filter.
  let add, accepts;

  class AndroidNodeFilter {
    #conditions = [];

    static {
      add = (filter, condition) => {
        filter.#conditions[filter.#conditions.length] = condition;
        return filter;
      };
      accepts = (filter, node) => {
        for (let place = 0; place < filter.#conditions.length; place++) {
          if (!filter.#conditions[place](node)) return false;
        }
        return true;
      };
    }

    text(predicate) {
      return add(this, (node) => predicate(node.text));
    }
  }

  const method = (name, body) => {
    Object.defineProperty(AndroidNodeFilter.prototype, name, { value: body, writable: true, configurable: true });
  };
  for (const name in states) {
    method(name, function () {
      return add(this, states[name]);
    });
  }
  for (const name in values) {
    method(name, function (wanted) {
      return add(this, (node) => node[values[name]] === wanted);
    });
  }

  /** Makes a test of nodes out of a program's `f => f.isButton() && …`; a returned `false` matches nothing. */
  kit.nodeCondition = (build) => (node) => {
    const filter = new AndroidNodeFilter();
    return build(filter) !== false && accepts(filter, node);
  };
});
