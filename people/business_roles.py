"""What people are and do: business roles, the ladder, the place in a sale."""

from django.db import models


class Role(models.TextChoices):
    """Business roles that rulebooks bind; a department may use further codes of its own."""

    AGENT = "agent", "客服"
    LEAD = "lead", "组长"
    SUPERVISOR = "supervisor", "主管"
    MANAGER = "manager", "部门经理"
    HR = "hr", "行政人事"
    GM = "gm", "总经理"
    AUDITOR = "auditor", "审计"
    DESIGNER = "designer", "美工"
    RECEPTIONIST = "receptionist", "前台"
    MARKETING = "marketing", "市场部"
    PACKER = "packer", "物流部"
    DATA = "data", "数据部"
    PRODUCT = "product", "产品部"
    CLIENT_MANAGER = "client_manager", "客户经理"
    OPERATIONS_DIRECTOR = "operations_director", "运营总监"
    OPERATIONS_ASSISTANT = "operations_assistant", "运营助理"


class Tier(models.TextChoices):
    """The ladder of s004-05."""

    TRIAL = "trial", "试用"
    JUNIOR = "junior", "初级客服"
    INTERMEDIATE = "intermediate", "中级客服"
    SENIOR = "senior", "高级客服"
    RESERVE_SUPERVISOR = "reserve_supervisor", "储备主管"


class Post(models.TextChoices):
    """The place in a sale that an agent serves."""

    PRESALE = "presale", "售前"
    INSALE = "insale", "售中"
    AFTERSALE = "aftersale", "售后"
