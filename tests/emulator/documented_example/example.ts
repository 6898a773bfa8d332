const API_BASE = "https://xgodo.com";
const TOKEN = "your_api_token";

// Generate a unique launch ID
function generateUUID(): string {
  return crypto.randomUUID();
}

async function runDirectAutomation(deviceId: string, code: string) {
  const launchId = generateUUID();

  // Launch the automation
  const launchRes = await fetch(`${API_BASE}/api/v2/devices/launchDirectAutomation`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Authorization": `Bearer ${TOKEN}`
    },
    body: JSON.stringify({
      device_id: deviceId,
      launch_id: launchId,
      command: "start",
      code: code,
      automationParameters: { maxRetries: 3 },
      jobVariables: { targetUrl: "https://example.com" }
    })
  });

  const launchData = await launchRes.json();

  if (!launchData.success) {
    throw new Error(launchData.message);
  }

  console.log("Automation started with launch ID:", launchId);

  // Poll for logs using the launch_id
  let lastLogId: string | undefined;

  const pollLogs = async () => {
    const logsRes = await fetch(`${API_BASE}/api/v2/devices/automationLogs`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Authorization": `Bearer ${TOKEN}`
      },
      body: JSON.stringify({
        device_id: deviceId,
        automation_ids: [launchId], // Use launch_id here
        from: lastLogId
      })
    });

    const logsData = await logsRes.json();

    for (const log of logsData.logs) {
      console.log(`[${log.messageLevel}] ${log.message}`);
      lastLogId = log.id;
    }
  };

  // Poll every 2 seconds
  const interval = setInterval(pollLogs, 2000);

  // Stop after 60 seconds
  setTimeout(async () => {
    clearInterval(interval);

    // Stop the automation
    await fetch(`${API_BASE}/api/v2/devices/stopAllAutomations`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Authorization": `Bearer ${TOKEN}`
      },
      body: JSON.stringify({
        device_id: deviceId
      })
    });

    console.log("Automation stopped");
  }, 60000);
}

// Usage
runDirectAutomation("device_123456", `
  const params = agent.arguments.automationParameters;
  const vars = agent.arguments.jobVariables;

  console.log("Max retries:", params.maxRetries);
  console.log("Target URL:", vars.targetUrl);

  await agent.actions.goHome();
  console.log("Done!");

  stopCurrentAutomation();
`);
