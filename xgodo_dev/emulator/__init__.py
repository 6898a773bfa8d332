"""The Xgodo platform on this machine: projects, a compiler, and phones that run automations."""
