"""Rulebooks as stored editions, and the dated versions of them that departments live by."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from core.history import tracked
from people.models import Account, Department, Staff


class ProvisionFields(models.Model):
    """What every provision carries, in the library and in a department's version."""

    class Basis(models.TextChoices):
        DISCIPLINE = "discipline", "纪律"
        PERFORMANCE = "performance", "绩效"
        LOSS = "loss", "赔偿"
        BENEFIT = "benefit", "待遇"

    class Window(models.TextChoices):
        MONTH = "month", "自然月"
        QUARTER = "quarter", "季度"
        YEAR = "year", "年度"
        EMPLOYMENT = "employment", "在职期间"

    class Confirm(models.TextChoices):
        MANAGER = "manager", "经理确认"
        AUTO = "auto", "自动生效"

    code = models.CharField("编号", max_length=64)
    title = models.CharField("标题", max_length=200)
    clause = models.TextField("条文", blank=True)
    kind = models.CharField("类型", max_length=32)
    params: Any = models.JSONField("参数", default=dict)
    roles: Any = models.JSONField("约束岗位", default=list, blank=True, help_text="空为全体。")
    window = models.CharField("计次周期", max_length=16, choices=Window.choices, default=Window.MONTH)
    basis = models.CharField("性质", max_length=16, choices=Basis.choices, blank=True)
    confirm = models.CharField("确认", max_length=16, choices=Confirm.choices, default=Confirm.MANAGER)
    collection: Any = models.JSONField("收取方式", default=dict, blank=True)
    covers: Any = models.JSONField("涵盖条款", default=list, blank=True)
    position = models.PositiveIntegerField("次序", default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


@tracked(inserts=True)
class Rulebook(models.Model):
    """A set of provisions in the library, in numbered editions."""

    code = models.CharField("编号", max_length=32, unique=True)
    name = models.CharField("名称", max_length=200)
    trade = models.CharField("行业", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "制度库"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Edition(models.Model):
    """One numbered content of a rulebook; loaded once, never changed. A correction is a higher number."""

    rulebook = models.ForeignKey(
        Rulebook, verbose_name="制度", on_delete=models.PROTECT, related_name="editions"
    )
    number = models.PositiveIntegerField("版次")
    digest = models.CharField("内容摘要", max_length=64)
    loaded_at = models.DateTimeField("载入时间")

    class Meta:
        verbose_name = verbose_name_plural = "制度版次"
        ordering = ["rulebook", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "number"], name="rules_edition_unique_number")
        ]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.rulebook} 第{self.number}版"


class LibraryProvision(ProvisionFields):
    """A provision as the library offers it."""

    edition = models.ForeignKey(
        Edition, verbose_name="版次", on_delete=models.PROTECT, related_name="provisions"
    )

    class Meta:
        verbose_name = verbose_name_plural = "制度库条款"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="rules_libraryprovision_unique_code")
        ]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]


@tracked(inserts=True)
class Version(models.Model):
    """All provisions by which a department lives from a date, until the next version begins.

    On a day applies the published version with the latest `effective_on` not after it; of two from
    the same day the later number.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版本号", help_text="0为草案。")
    effective_on = models.DateField("生效日期")
    note = models.CharField("说明", max_length=200, blank=True)
    editions = models.ManyToManyField(Edition, verbose_name="采用的制度", blank=True, related_name="versions")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        Account, verbose_name="发布人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    base = models.ForeignKey(
        "self",
        verbose_name="所据版本",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="在它之上修改而成。",
    )
    changed_at = models.DateTimeField("草案修改时间", null=True, blank=True)
    changed_by = models.ForeignKey(
        Account, verbose_name="草案修改人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "制度版本"
        ordering = ["department", "-effective_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["department", "number"], name="rules_version_unique_number")
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        if not self.number:
            return f"{self.department} 草案"
        return f"{self.department} 第{self.number}版（{self.effective_on:%Y-%m-%d}起）"


# Provisions and adopted editions belong to a version that may be published already: then nothing moves.
FROZEN_WITH_VERSION = """
    IF EXISTS (
        SELECT 1 FROM rules_version v
        WHERE v.published_at IS NOT NULL AND (
            (TG_OP <> 'INSERT' AND v.id = OLD.version_id) OR (TG_OP <> 'DELETE' AND v.id = NEW.version_id)
        )
    ) THEN
        RAISE EXCEPTION '已发布的制度版本不可更改' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


FREEZE = pgtrigger.Trigger(
    name="frozen_when_published",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func=FROZEN_WITH_VERSION,
)


class AdoptedEdition(Version.editions.through):  # type: ignore[name-defined]
    """The rows of `Version.editions`, named only to freeze them with their version."""

    class Meta:
        proxy = True
        triggers = [FREEZE]


@tracked()
class Provision(ProvisionFields):
    """A provision as it binds one department in one version, with that department's own parameters."""

    version = models.ForeignKey(
        Version, verbose_name="制度版本", on_delete=models.PROTECT, related_name="provisions"
    )
    source = models.ForeignKey(
        LibraryProvision,
        verbose_name="出处",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "条款"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="rules_provision_unique_code"),
            models.CheckConstraint(name="rules_provision_code_not_empty", condition=~Q(code="")),
        ]
        triggers = [FREEZE]


class Signature(models.Model):
    """A person has read a version and signed it; only inserted."""

    version = models.ForeignKey(
        Version, verbose_name="制度版本", on_delete=models.PROTECT, related_name="signatures"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="signatures")
    at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = verbose_name_plural = "制度签署"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["version", "staff"], name="rules_signature_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.version}"
