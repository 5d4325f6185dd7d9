"""Every write of rules: the library, a department's versions and its draft, signatures."""

from rules.library import RulebookError
from rules.services.drafts import (
    draft_adopt,
    draft_discard,
    draft_provision_add,
    draft_provision_change,
    draft_provision_drop,
    draft_provision_restore,
    draft_publish,
    draft_rebase,
    draft_start,
)
from rules.services.library import editions_outdated, rulebooks_load
from rules.services.signatures import version_sign
from rules.services.versions import Adoption, rulebook_adopt, version_change, version_publish

__all__ = [
    "Adoption",
    "RulebookError",
    "draft_adopt",
    "draft_discard",
    "draft_provision_add",
    "draft_provision_change",
    "draft_provision_drop",
    "draft_provision_restore",
    "draft_publish",
    "draft_rebase",
    "draft_start",
    "editions_outdated",
    "rulebook_adopt",
    "rulebooks_load",
    "version_change",
    "version_publish",
    "version_sign",
]
