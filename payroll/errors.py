"""What payroll refuses."""

FROZEN_REMEDY = "未发放的可退回后再算；已发放的由以后月份调整"


class PayrollRefused(Exception):
    """A step of settlement is refused: why (Chinese), and what to do instead."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(f"{reason}。{remedy}" if remedy else reason)
        self.reason = reason
        self.remedy = remedy
