// AndroidNode and AndroidNodeFilter: searching, chaining, joining with `&&`, and the state of an element.
export {};

export function filters(screen: AndroidNode): (AndroidNode | undefined)[] {
  const chained = screen.findAdvanced((f) => f.isEditText().isEditable().isScrollable().isButton());
  const joined = screen.findAdvanced(
    (f) => f.hasPackageName("com.example") && f.isClickable() && f.text((text) => text?.startsWith("OK") ?? false),
  );
  const mixed = screen.filterAdvanced((f) => f.isClickable().hasPackageName("com.example") && f.isEditable());
  const wanted: boolean = mixed.length > 0;
  const conditional = screen.findAdvanced((f) => wanted && f.isClickable());
  const never: AndroidNode[] = screen.filterAdvanced(() => false);
  const old = screen.findAdvanced((f) =>
    f.hasText("a").hasDescription("b").hasViewId("c").hasClassName("d").isEnabled().isFocusable().isFocused()
      .isLongClickable().isPassword().isSelected().isVisibleToUser().isCheckable().isChecked(),
  );
  const built = (filter: AndroidNodeFilter): AndroidNodeFilter => filter.isButton();
  return [chained, joined, conditional, old, screen.findAdvanced(built), ...never, ...mixed];
}

export function searches(screen: AndroidNode): AndroidNode[] {
  const found = [screen.find((node) => node.clickable), screen.findTextOne("OK"), screen.findByIdOne("a:id/b")];
  return [
    ...screen.allNodes(),
    ...screen.findText("OK"),
    ...screen.findById("a:id/b"),
    ...found.filter((node) => node !== undefined),
    ...getAllNodes(undefined),
    ...buildNodePath(screen, found[0]),
    ...findNodesById(null, "a:id/b"),
    ...findNodesByText(screen, "ok"),
  ];
}

export async function acting(screen: AndroidNode): Promise<boolean> {
  const field = screen.findAdvanced((f) => f.isEditText());
  const parent: AndroidNode | null = findParentOf(screen, field);
  parent?.randomClick();
  parent?.randomSwipe("down");
  const set = await field?.performAction(agent.constants.ACTION_SET_TEXT, { text: "hello" });
  const key = agent.constants.ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE;
  await field?.performAction(agent.constants.ACTION_SET_TEXT, { [key]: "hello" });
  return set?.actionPerformed ?? false;
}

export function state(node: AndroidNode): string {
  const { left, right, top, bottom } = node.boundsInScreen;
  const checked: boolean = node.isChecked !== undefined && node.isChecked !== 0;
  const texts: (string | null | undefined)[] = [node.text, node.description, node.hintText, node.tooltipText];
  const labels = node.actionLabels.map((action) => action.label ?? String(action.id));
  const rows: number = node.collectionInfo?.rowCount ?? -1;
  const column: number | undefined = node.collectionItemInfo?.columnIndex;
  const isInput: boolean = node.inputType !== "0" && node.maxTextLength === -1;
  const depth: number = node.parent ? node.parent.children.indexOf(node) : node.index;
  const supported: boolean = node.actions.includes(agent.constants.ACTION_CLICK);
  return [right - left, bottom - top, checked, texts, labels, rows, column, isInput, depth, supported].join();
}

// What real automations do before they store a screen.
export function serialised(node: AndroidNode): string {
  const copy: AndroidNode = { ...node };
  delete copy.parent;
  return JSON.stringify(copy);
}
