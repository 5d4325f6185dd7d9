"""What a question must have by its kind, and how its right answer is written and read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.errors import QuestionRefused
from training.models import Question
from training.models.questions import POINTS_MOST

LETTERS = "ABCDEFGHIJ"
TRUE, FALSE = "true", "false"
_TRUTH = {TRUE: "对", FALSE: "错"}
_READ_AS = {
    "对": TRUE,
    "正确": TRUE,
    "√": TRUE,
    "是": TRUE,
    "错": FALSE,
    "错误": FALSE,
    "×": FALSE,
    "否": FALSE,
}
TOPIC_LENGTH, TEXT_LENGTH, OPTION_LENGTH, ANSWER_LENGTH = 32, 1000, 200, 1000
Kind = Question.Kind
CHOSEN = (Kind.SINGLE, Kind.MULTIPLE)


@dataclass(frozen=True, slots=True)
class QuestionFact:
    """A question as somebody writes it: `answer` as `answer_read` reads it, `code` that of a provision."""

    topic: str
    kind: str
    text: str
    options: Sequence[str] = ()
    answer: str = ""
    points: int = 1
    code: str = ""

    def tidied(self) -> "QuestionFact":
        """The same without spaces around anything and without empty options."""
        return replace(
            self,
            topic=self.topic.strip(),
            text=self.text.strip(),
            options=tuple(each.strip() for each in self.options if each.strip()),
            answer=self.answer.strip(),
            code=self.code.strip(),
        )


def question_check(fact: QuestionFact) -> list[str]:
    """What is right, as it is stored; QuestionRefused for what is missing or does not fit the kind."""
    if not fact.topic or len(fact.topic) > TOPIC_LENGTH:
        raise QuestionRefused(f"主题须有1到{TOPIC_LENGTH}字；抽题按主题", field="topic")
    if fact.kind not in Kind.values:
        raise QuestionRefused(f"没有“{fact.kind}”这种题型；写{'、'.join(Kind.labels)}", field="kind")
    if not fact.text or len(fact.text) > TEXT_LENGTH:
        raise QuestionRefused(f"题干须有1到{TEXT_LENGTH}字；请写完整", field="text")
    if not 1 <= fact.points <= POINTS_MOST:
        raise QuestionRefused(f"分值在1到{POINTS_MOST}之间；请改分值", field="points")
    if fact.kind in CHOSEN:
        _options_check(fact.options)
    elif fact.options:
        raise QuestionRefused(
            f"{Kind(fact.kind).label}题没有选项；去掉选项，或改为单选、多选", field="options"
        )
    return answer_read(fact.kind, len(fact.options), fact.answer)


def _options_check(options: Sequence[str]) -> None:
    if not 2 <= len(options) <= len(LETTERS):
        raise QuestionRefused(f"有{len(options)}个选项；选择题写2到{len(LETTERS)}个", field="options")
    if len(set(options)) < len(options):
        raise QuestionRefused("有相同的选项；请改成各不相同", field="options")
    if any(len(each) > OPTION_LENGTH for each in options):
        raise QuestionRefused(f"一个选项最多{OPTION_LENGTH}字；请写短一些", field="options")


def answer_read(kind: str, options: int, answer: str) -> list[str]:
    """What is right, from what people write: letters of options, 对 or 错, accepted answers between `|`."""
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            letters = sorted({each for each in answer.upper() if each not in " ,，、;；"})
            if not letters or any(each not in LETTERS[:options] for each in letters):
                raise QuestionRefused(
                    f"答案写选项的字母，{LETTERS[0]}到{LETTERS[max(options, 1) - 1]}；如 A", field="answer"
                )
            if kind == Kind.SINGLE and len(letters) > 1:
                raise QuestionRefused("单选题只有一个答案；多个的请选多选", field="answer")
            return [str(LETTERS.index(each)) for each in letters]
        case Kind.TRUE_FALSE:
            if answer not in _READ_AS:
                raise QuestionRefused("判断题的答案写“对”或“错”；请改", field="answer")
            return [_READ_AS[answer]]
        case Kind.FILL:
            accepted = list(dict.fromkeys(each.strip() for each in answer.split("|") if each.strip()))
            if not accepted:
                raise QuestionRefused("填空题须写接受的答案；几种写法用“|”分开", field="answer")
            if any(len(each) > ANSWER_LENGTH for each in accepted):
                raise QuestionRefused(f"一个答案最多{ANSWER_LENGTH}字；请写短一些", field="answer")
            return accepted
    if len(answer) > ANSWER_LENGTH:
        raise QuestionRefused(f"参考答案最多{ANSWER_LENGTH}字；请写短一些", field="answer")
    return [answer] if answer else []


def answer_written(question: Question, answer: Sequence[str]) -> str:
    """An answer, or what is right, as people write it; the options by their letters."""
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return "".join(LETTERS[int(each)] for each in sorted(answer))
        case Kind.TRUE_FALSE:
            return "".join(_TRUTH[each] for each in answer)
    return "|".join(answer)


def answer_in_words(question: Question, answer: Sequence[str]) -> str:
    """The same with what the options say."""
    if question.kind in CHOSEN:
        return "；".join(question.options[int(each)] for each in sorted(answer))
    return "、".join(_TRUTH.get(each, each) for each in answer)
