"""What a simulated phone says it is: to the platform's device list, and to its automations."""

BRAND = "Google"
MODEL = "Pixel 7"
ANDROID_VERSION = "13"
SDK_VERSION = 33
PROCESSOR = "Tensor G2"
CORES = 8
RAM_MB = 8192
COUNTRY = "US"
