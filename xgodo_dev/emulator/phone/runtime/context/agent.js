// The global `agent` and its relatives. What is documented but not simulated is there and says so when it
// is called; what is not documented is `undefined`, as on a device.
(function installAgent(kit) {
  "use strict";

  const SIMULATED_ACTIONS = ["goHome", "goBack", "launchApp", "tap", "writeText"];

  const OTHER_ACTIONS = [
    "doubleTap", "multiTap", "hold", "swipe", "swipePoly",
    "recents", "dpad",
    "copyText", "paste", "reverseCopy", "hideKeyboard", "inputKey",
    "launchIntent", "listApps", "browse",
    "allScreensContent", "screenshot", "showNotification",
    "saveFile", "airplane", "recognizeText",
  ];

  const SIMULATED_UTILS = ["setAutomationVariables", "getAutomationVariables"];
  const OTHER_UTILS = ["uploadTempFile"];
  const JOB = ["submitTask", "submitTaskToAnotherJob", "useAnotherTask", "getCurrentTask", "addSubTasks", "getSubTasks"];
  const OUT_OF_STEPS = ["storeScreen", "submit"];
  const BUCKET = ["get", "set"];
  const FILES = [
    "exists", "getSize", "getStorageRoot", "readFullFile", "readFullFileBase64", "readFileAsBlob", "openStream",
    "readChunk", "closeStream", "list", "getPathInfo", "getHashes", "base64ToBytes", "bytesToBlob",
  ];

  const { parse } = JSON;
  const { methods, rejecting, throwing, asking } = kit;
  const nothing = () => undefined;
  let launch = { __proto__: null };

  const stopCurrentAutomation = () => kit.host.stop();

  const agent = {
    actions: {
      ...methods("agent.actions", OTHER_ACTIONS, rejecting),
      ...methods("agent.actions", SIMULATED_ACTIONS, asking(nothing)),
      screenContent: kit.screenContent,
      nodeAction: kit.nodeAction,
      adb: methods("agent.actions.adb", ["tap"], rejecting),
    },
    utils: {
      ...methods("agent.utils", OTHER_UTILS, rejecting),
      ...methods("agent.utils", SIMULATED_UTILS, asking(parse)),
      ...methods("agent.utils", ["setNetworkCallback"], throwing),
      toastCallback: null,
      ...kit.gestures,
      ...kit.waiting,
      isServerReachable: async () => ({ reachable: true }),
      // What it resolves to is unknown. Not rejecting matters: it is called from the last `catch`, where the error
      // that brought the program there must not give way to another.
      reportCrash: async () => ({ success: false, error: "A simulated device reports crashes to nobody." }),
      job: methods("agent.utils.job", JOB, asking(parse)),
      outOfSteps: methods("agent.utils.outOfSteps", OUT_OF_STEPS, rejecting),
      bucket: methods("agent.utils.bucket", BUCKET, asking(parse)),
      deviceBucket: methods("agent.utils.deviceBucket", BUCKET, asking(parse)),
      files: methods("agent.utils.files", FILES, throwing),
    },
    control: { stopCurrentAutomation },
    constants: kit.constants,
    info: {
      getAutomationInfo: () => parse(launch.automation),
      getDeviceInfo: () => parse(launch.device),
      getVerifiedPhoneNumber: asking(parse)("agent.info.getVerifiedPhoneNumber"),
    },
    display: methods("agent.display", ["displayHTMLCode", "hideHTMLCode"], throwing),
    arguments: { automationParameters: {}, jobVariables: {} },
    email: {},
    notifications: {},
    recordUsage: throwing("agent.recordUsage"),
  };

  /** The host hands over what a launch carries, as JSON. */
  kit.begin = (args, automation, device) => {
    agent.arguments = parse(args);
    launch = { __proto__: null, automation, device };
  };

  kit.define("agent", agent);
  kit.define("stopCurrentAutomation", stopCurrentAutomation);
  kit.define("ScreenshotRecord", { HIGH_QUALITY: 0, LOW_QUALITY: 1, NONE: 2 });
  kit.define("fetch", rejecting("fetch"));
  for (const name of ["atob", "btoa"]) kit.define(name, throwing(name));
  // A device has neither; V8 puts it into every realm.
  delete globalThis.WebAssembly;
});
