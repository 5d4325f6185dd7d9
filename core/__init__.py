"""What every app stands on: money, periods, history, worker runs, paging. No models of the domain."""
