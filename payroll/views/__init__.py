"""Pages of pay: months, payslips, objections, and everybody's own."""
