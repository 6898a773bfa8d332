// Mistakes with agent.constants: one a line, with the error it is caught as.
export {};

agent.constants.ACTION_CLICK === 17; // expect TS2367
agent.constants.ACTION_TAP; // expect TS2551
agent.constants.ACTION_CLICK = 16; // expect TS2540
const argument: "text" = agent.constants.ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE; // expect TS2322
agent.constants.ARGUMENT_DIRECTION_INT === "ARGUMENT_DIRECTION_INT"; // expect TS2367
screenTop.performAction(agent.constants.ACTION_ARGUMENT_MOVE_WINDOW_X); // expect TS2345
declare const screenTop: AndroidNode;
