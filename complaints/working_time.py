"""When a clock runs out: calendar time, working hours, working days, pauses; pure, with its arithmetic."""
