"""TypeScript and esbuild: found or installed, run, and read back."""
