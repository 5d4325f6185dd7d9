"""What every app stands on: money, periods, history, locks, paging, downloads. No models of the domain."""
