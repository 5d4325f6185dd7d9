"""Everything about one payslip line or one case in one paper, for arbitration, with its files and hashes."""
