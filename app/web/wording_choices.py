from typing import Final

from app.web.faces.shell import Frame
from app.web.formats import full_time
from app.web.wording import ExceptionWords
from fulfillment import api as fulfillment

_SILENCE: Final = {
    "wait": "we wait for what is missing",
    "substitute": "we send the replacement",
    "leave_out": "we send the rest without it",
    "cancel": "we cancel the order",
}
CHOSEN: Final = {
    "wait": "We wait for what is missing, and send your order as soon as it is here.",
    "substitute": "We send the replacement with your order. What it costs less, you get back.",
    "leave_out": "We send the rest without it. What you paid for it goes back the way you paid.",
    "cancel": "We cancel the order. What you paid for it goes back the way you paid.",
}


def choice_words(question: fulfillment.QuestionView, frame: Frame) -> ExceptionWords:
    """Return what a customer is asked about missing units: what is missing, what could come, until when to say."""
    return ExceptionWords(
        title="Something of your order is missing",
        tone="warn",
        what=f"We could not find {question.quantity} \N{MULTIPLICATION SIGN} {question.name} on the shelf.",
        we=f"We have {question.substitute} and have put it aside for you. It never costs you more.",
        when=f"Please choose by {full_time(question.due_at, frame.zone)}.",
        you=f"Without your answer {_SILENCE[question.on_silence]}.",
    )
