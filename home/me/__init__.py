"""The agents' own pages that put together what several apps know: today, the month, requests, everything."""
