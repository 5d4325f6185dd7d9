"""What people declare for contributions and tax, and what a bonus of the year is taxed as."""

from statutory.models.bonuses import AnnualBonus
from statutory.models.declarations import ContributionBase, FirstJob, TaxDeduction, TaxHistory, TaxOpening

__all__ = ["AnnualBonus", "ContributionBase", "FirstJob", "TaxDeduction", "TaxHistory", "TaxOpening"]
