"""The schemas of what automations are given and keep: `IInputSchema` of the platform."""
