"""Writing a row that passes its own rules."""

from django.core.exceptions import ValidationError
from django.db import models

from people.errors import PeopleError


def row_save(row: models.Model) -> None:
    """Insert or update a row that passes its own rules; PeopleError in the words of those rules."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise PeopleError("；".join(_told(row, error))) from error
    row.save()


def _told(row: models.Model, error: ValidationError) -> list[str]:
    labels = {field.name: getattr(field, "verbose_name", field.name) for field in row._meta.get_fields()}
    return [
        f"{labels[name]}：{message}" if name in labels else message
        for name, found in error.message_dict.items()
        for message in found
    ]
