"""What a file does not say and somebody has to: asked once, remembered by the department."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheets.errors import SheetError

LONGEST_KEY = 255


@dataclass(frozen=True)
class Question:
    """`key` names it for good (status:已关闭), so that an answer holds for later files as well; of a longer
    one the first 255 characters do.

    `choices` are (code, words); none means that the answer is written freely, as `hint` says. `samples`
    are lines that work out what each answer comes to, for some rows of the file. `is_kept` is not set where
    the answer is of this file alone, or is kept by whoever asks.
    """

    key: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    samples: tuple[str, ...] = ()
    hint: str = ""
    is_kept: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key[:LONGEST_KEY])

    def __str__(self) -> str:
        lines = [self.text, *(f"  {sample}" for sample in self.samples)]
        lines += [f"  --answer '{self.key}={code}'：{words}" for code, words in self.choices]
        if not self.choices:
            lines.append(f"  --answer '{self.key}=…'：{self.hint}")
        return "\n".join(lines)


class QuestionsOpen(SheetError):
    """The file can be used once these are answered. Nothing of it was stored."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        super().__init__(
            "导入前要先回答，没有导入任何数据（回答一次，以后的文件照此读）：\n"
            + "\n".join(map(str, self.questions))
        )
