"""Where boxes come from: one port (`base`) and its implementations."""
