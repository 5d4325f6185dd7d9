"""Files for the tax bureau and the bank, from frozen payslips, and what the bureau sends back."""
