"""The wire of the scoring service, generated from scoring.proto beside it by `make proto`."""
