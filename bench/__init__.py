"""Measurements, side by side in one run. They print ratios; no test asserts on them."""
