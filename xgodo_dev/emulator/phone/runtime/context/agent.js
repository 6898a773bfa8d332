// The global `agent` and its relatives. What is documented but not simulated is there and says so when it
// is called; what is not documented is `undefined`, as on a device.
(function installAgent(kit) {
  "use strict";

  const SIMULATED_ACTIONS = ["goHome", "goBack", "launchApp", "tap", "writeText", "screenContent"];

  const OTHER_ACTIONS = [
    "doubleTap", "multiTap", "hold", "swipe", "swipePoly",
    "recents", "dpad",
    "copyText", "paste", "reverseCopy", "hideKeyboard", "inputKey",
    "launchIntent", "listApps", "browse",
    "allScreensContent", "screenshot", "nodeAction", "showNotification",
    "saveFile", "airplane", "recognizeText",
  ];

  const UTILS = [
    "randomClick", "randomSwipe", "isServerReachable", "waitForNode", "waitForNodeGone", "reportCrash",
    "setAutomationVariables", "getAutomationVariables", "uploadTempFile",
  ];
  const JOB = ["submitTask", "submitTaskToAnotherJob", "useAnotherTask", "getCurrentTask", "addSubTasks", "getSubTasks"];
  const OUT_OF_STEPS = ["storeScreen", "submit"];
  const BUCKET = ["get", "set"];
  const FILES = [
    "exists", "getSize", "getStorageRoot", "readFullFile", "readFullFileBase64", "readFileAsBlob", "openStream",
    "readChunk", "closeStream", "list", "getPathInfo", "getHashes", "base64ToBytes", "bytesToBlob",
  ];

  const { parse, stringify } = JSON;
  const { Error, Promise } = globalThis;
  const mapGet = kit.uncurry(Map.prototype.get);
  const mapSet = kit.uncurry(Map.prototype.set);
  const mapDelete = kit.uncurry(Map.prototype.delete);
  const pending = new Map();
  let lastCall = 0;
  let launch = { __proto__: null };

  const notSimulatedError = (path) => new Error(`${path} is not simulated yet`);

  /** Rejects: nearly everything on a device answers with a promise. */
  kit.notSimulated = async (path) => {
    throw notSimulatedError(path);
  };

  const rejecting = (path, names) => {
    const group = {};
    for (const name of names) group[name] = () => kit.notSimulated(`${path}.${name}`);
    return group;
  };

  const throwing = (path, names) => {
    const group = {};
    for (const name of names) {
      group[name] = () => {
        throw notSimulatedError(`${path}.${name}`);
      };
    }
    return group;
  };

  const act = (name, values) =>
    new Promise((resolve, reject) => {
      const id = ++lastCall;
      const described = stringify(values);
      mapSet(pending, id, { __proto__: null, name, resolve, reject });
      kit.host.call(id, name, described);
    });

  /** The host calls this when the phone has done, or refused, what `act` asked for. */
  kit.settle = (id, succeeded, payload) => {
    const call = mapGet(pending, id);
    if (call === undefined) return;
    mapDelete(pending, id);
    if (!succeeded) call.reject(new Error(payload));
    else if (call.name === "screenContent") call.resolve(kit.adoptNode(parse(payload), null));
    else call.resolve(undefined);
  };

  const actions = rejecting("agent.actions", OTHER_ACTIONS);
  for (const name of SIMULATED_ACTIONS) actions[name] = (...values) => act(name, values);
  actions.adb = rejecting("agent.actions.adb", ["tap"]);

  const stopCurrentAutomation = () => kit.host.stop();

  const agent = {
    actions,
    utils: {
      ...rejecting("agent.utils", UTILS),
      ...throwing("agent.utils", ["setNetworkCallback"]),
      toastCallback: null,
      job: rejecting("agent.utils.job", JOB),
      outOfSteps: rejecting("agent.utils.outOfSteps", OUT_OF_STEPS),
      bucket: rejecting("agent.utils.bucket", BUCKET),
      deviceBucket: rejecting("agent.utils.deviceBucket", BUCKET),
      files: throwing("agent.utils.files", FILES),
    },
    control: { stopCurrentAutomation },
    constants: kit.constants,
    info: {
      getAutomationInfo: () => parse(launch.automation),
      getDeviceInfo: () => parse(launch.device),
      getVerifiedPhoneNumber: () => kit.notSimulated("agent.info.getVerifiedPhoneNumber"),
    },
    display: throwing("agent.display", ["displayHTMLCode", "hideHTMLCode"]),
    arguments: { automationParameters: {}, jobVariables: {} },
    email: {},
    notifications: {},
    ...throwing("agent", ["recordUsage"]),
  };

  /** The host hands over what a launch carries, as JSON. */
  kit.begin = (args, automation, device) => {
    agent.arguments = parse(args);
    launch = { __proto__: null, automation, device };
  };

  kit.define("agent", agent);
  kit.define("stopCurrentAutomation", stopCurrentAutomation);
  kit.define("ScreenshotRecord", { HIGH_QUALITY: 0, LOW_QUALITY: 1, NONE: 2 });
  kit.define("fetch", () => kit.notSimulated("fetch"));
  for (const name of ["atob", "btoa"]) {
    kit.define(name, () => {
      throw notSimulatedError(name);
    });
  }
  // A device has neither; V8 puts it into every realm.
  delete globalThis.WebAssembly;
});
