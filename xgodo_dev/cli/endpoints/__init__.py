"""Every documented endpoint as a command, built at run time from the specs of the platforms."""
