"""What every app stands on: money, periods, history, locks, worker runs, downloads. No models of the domain."""
