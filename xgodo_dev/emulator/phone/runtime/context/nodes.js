// Nodes of a screen: the tree's plain objects become AndroidNodes, with the searches of the agent API.
(function installNodes(kit) {
  "use strict";

  const { setPrototypeOf, defineProperty } = Reflect;
  const { parse } = JSON;
  const toLowerCase = kit.uncurry(String.prototype.toLowerCase);
  const includes = kit.uncurry(String.prototype.includes);

  const collect = (root, matches, most) => {
    const found = [];
    const visit = (node) => {
      if (found.length >= most || node === null || node === undefined) return;
      if (matches(node)) found[found.length] = node;
      const { children } = node;
      if (children === null || children === undefined) return;
      for (let place = 0; place < children.length; place++) visit(children[place]);
    };
    visit(root);
    return found;
  };

  const every = () => true;

  const hasId = (id) => (node) => node.viewId === id;

  const hasText = (text) => {
    const wanted = toLowerCase(`${text}`);
    const holds = (value) => typeof value === "string" && includes(toLowerCase(value), wanted);
    return (node) => holds(node.text) || holds(node.description) || holds(node.hintText);
  };

  const buildNodePath = (root, target) => {
    if (root === null || root === undefined || target === null || target === undefined) return [];
    const path = [];
    const visit = (node) => {
      path[path.length] = node;
      if (node === target) return true;
      const children = node.children ?? [];
      for (let place = 0; place < children.length; place++) {
        if (visit(children[place])) return true;
      }
      path.length -= 1;
      return false;
    };
    visit(root);
    return path;
  };

  const findParentOf = (root, target) => {
    const path = buildNodePath(root, target);
    return path.length < 2 ? null : path[path.length - 2];
  };

  class AndroidNode {
    allNodes() {
      return collect(this, every, Infinity);
    }
    find(predicate) {
      return collect(this, predicate, 1)[0];
    }
    findTextOne(text) {
      return collect(this, hasText(text), 1)[0];
    }
    findText(text) {
      return collect(this, hasText(text), Infinity);
    }
    findByIdOne(id) {
      return collect(this, hasId(id), 1)[0];
    }
    findById(id) {
      return collect(this, hasId(id), Infinity);
    }
    findAdvanced(build) {
      return collect(this, kit.nodeCondition(build), 1)[0];
    }
    filterAdvanced(build) {
      return collect(this, kit.nodeCondition(build), Infinity);
    }
    performAction(action, data) {
      return kit.nodeAction(this, action, data);
    }
    randomClick() {
      const { left, top, right, bottom } = this.boundsInScreen;
      return kit.gestures.randomClick(left, top, right, bottom);
    }
    randomSwipe() {
      return kit.notSimulated("AndroidNode.randomSwipe");
    }
  }

  /** Makes nodes of the plain objects in place. `parent` is hidden from JSON, as on the platform. */
  const adopt = (node, parent) => {
    setPrototypeOf(node, AndroidNode.prototype);
    defineProperty(node, "parent", { __proto__: null, value: parent, writable: true, configurable: true });
    for (let place = 0; place < node.children.length; place++) adopt(node.children[place], node);
    return node;
  };

  const askNodeAction = kit.asking(parse)("agent.actions.nodeAction");

  // The phone finds the node again by these; all of it, with its children, may be too long to send.
  const described = ({ className, packageName, viewId, text, description, boundsInScreen }) => ({
    className,
    packageName,
    viewId,
    text,
    description,
    boundsInScreen,
  });

  kit.nodeAction = async (node, action, data, fieldsToIgnore) =>
    askNodeAction(described(node), action, data, fieldsToIgnore);

  kit.screenContent = kit.asking((payload) => adopt(parse(payload), null))("agent.actions.screenContent");
  kit.holds = (root, condition) => collect(root, condition, 1).length > 0;

  kit.define("getAllNodes", (root) => collect(root, every, Infinity));
  kit.define("findNodesById", (root, id) => collect(root, hasId(id), Infinity));
  kit.define("findNodesByText", (root, text) => collect(root, hasText(text), Infinity));
  kit.define("findParentOf", findParentOf);
  kit.define("buildNodePath", buildNodePath);
});
