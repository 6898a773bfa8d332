// agent.constants: each is its own type, so that a comparison with another number is an error.
export {};

const { constants } = agent;

const click: 16 = constants.ACTION_CLICK;
const enter: 16908372 = constants.ACTION_IME_ENTER;
const text: "ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE" = constants.ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE;
const press: "android.view.accessibility.action.ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT" =
  constants.ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT;

export const argumentsOfPress: { "android.view.accessibility.action.ARGUMENT_PRESS_AND_HOLD_DURATION_MILLIS_INT": number } = {
  [press]: 500,
};

export type ScrollAction = typeof constants.ACTION_SCROLL_FORWARD | typeof constants.ACTION_SCROLL_BACKWARD;

export function opposite(action: ScrollAction): ScrollAction {
  switch (action) {
    case constants.ACTION_SCROLL_FORWARD:
      return constants.ACTION_SCROLL_BACKWARD;
    case constants.ACTION_SCROLL_BACKWARD:
      return constants.ACTION_SCROLL_FORWARD;
  }
}

export const numbers: number[] = [click, enter, text.length];
