import string
from dataclasses import fields, replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from notifications.documents import render_email
from notifications.domain.messages import MessageFacts, MessageKind, compose
from notifications.domain.wording import WORDINGS, ExceptionCause, Language, Wording

TUESDAY = date(2026, 11, 24)
FACTS = MessageFacts(
    brand="Olive & Co",
    order_number="1001",
    action_url="https://track.example/t/abc?x=1&y=2",
    first_name="Ada",
    promised_on=TUESDAY,
    delivered_on=TUESDAY,
    cause=ExceptionCause.WEATHER,
    return_number="R-77",
    return_by=date(2026, 12, 8),
    replacement_number="1001-R1",
    refund=Money(123450, "EUR"),
)


class Elements(HTMLParser):
    """Collects what a mail program would load or run, and the visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Elements:
    elements = Elements()
    elements.feed(html)
    elements.close()
    return elements


def test_the_shipped_letter_in_full() -> None:
    content = render_email(compose(MessageKind.SHIPPED, FACTS))
    assert content.subject == "Your order 1001 from Olive & Co is on its way"
    assert content.text == (
        "Hello Ada,\n\n"
        "Your parcel of order 1001 has left our warehouse.\n\n"
        "It will be with you by Tuesday, November 24.\n\n"
        "Follow your order:\nhttps://track.example/t/abc?x=1&y=2\n\n"
        "Olive & Co"
    )


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        (MessageKind.ORDER_CONFIRMED, "Your order 1001 at Olive & Co is confirmed", "by Tuesday, November 24"),
        (MessageKind.EXCEPTION, "Your order 1001 from Olive & Co: a change to the delivery", "Bad weather"),
        (MessageKind.DELIVERED, "Your order 1001 from Olive & Co has arrived", "delivered on Tuesday, November 24"),
        (MessageKind.RETURN_AUTHORIZED, "Your return R-77 to Olive & Co is ready to send", "by Tuesday, December 8"),
        (MessageKind.SENT_AGAIN, "Your order 1001 from Olive & Co: we are sending it again", "by Tuesday, November 24"),
        (MessageKind.SENT_AGAIN, "Your order 1001 from Olive & Co: we are sending it again", "again: order 1001-R1."),
        (MessageKind.PARCEL_REFUNDED, "Your refund of 1,234.50 EUR for order 1001 from Olive & Co", "did not arrive"),
        (MessageKind.CHOICE_ASKED, "Your order 1001 from Olive & Co: something is missing, please choose", "wait"),
        (MessageKind.PROMISE_MOVED, "Your order 1001 from Olive & Co: a new delivery day", "by Tuesday, November 24"),
        (MessageKind.RETURN_REFUNDED, "Your refund of 1,234.50 EUR for order 1001 from Olive & Co", "return R-77"),
    ],
)
def test_each_letter_says_the_day_and_the_brand(kind: MessageKind, subject: str, said: str) -> None:
    content = render_email(compose(kind, FACTS))
    assert content.subject == subject
    assert said in content.text


def test_portuguese_dates_are_in_portuguese() -> None:
    letter = compose(MessageKind.SHIPPED, replace(FACTS, language=Language.PORTUGUESE))
    assert letter.paragraphs[1] == "Ele chega até terça-feira, 24 de novembro."
    assert '<html lang="pt">' in render_email(letter).html


def test_amounts_are_written_as_the_language_writes_them() -> None:
    letter = compose(MessageKind.PARCEL_REFUNDED, replace(FACTS, language=Language.PORTUGUESE))
    assert letter.subject == "Seu reembolso de 1.234,50 EUR do pedido 1001 da Olive & Co"


def test_an_unknown_promise_is_said_so() -> None:
    letter = compose(MessageKind.ORDER_CONFIRMED, replace(FACTS, promised_on=None))
    assert letter.paragraphs[-1] == "We will tell you the day as soon as we know it."


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("cause", ExceptionCause)
@pytest.mark.parametrize("known", [True, False])
def test_no_letter_has_an_unfilled_place(
    language: Language, kind: MessageKind, cause: ExceptionCause, *, known: bool
) -> None:
    facts = replace(FACTS, language=language, cause=cause)
    if not known:
        facts = replace(facts, first_name="", promised_on=None, delivered_on=None, return_by=None)
    content = render_email(compose(kind, facts))
    assert not set("{}") & set(content.subject + content.text)
    assert "None" not in content.text
    assert "  " not in content.subject
    assert "1001" in content.text


@pytest.mark.parametrize("kind", MessageKind)
def test_html_and_text_say_the_same_words(kind: MessageKind) -> None:
    letter = compose(kind, FACTS)
    elements = read(render_email(letter).html)
    for words in (letter.greeting, *letter.paragraphs, letter.action_label, letter.closing):
        assert words in elements.text
    assert elements.links == [FACTS.action_url]
    assert not {"script", "img", "iframe", "link", "form"} & set(elements.tags)


@given(name=st.text(max_size=80), brand=st.text(min_size=1, max_size=80))
def test_foreign_text_cannot_break_out_of_its_place(name: str, brand: str) -> None:
    content = render_email(compose(MessageKind.SHIPPED, replace(FACTS, first_name=name, brand=brand)))
    plain = render_email(compose(MessageKind.SHIPPED, FACTS))
    assert read(content.html).tags == read(plain.html).tags
    assert "\n" not in content.subject
    assert "\r" not in content.subject


def test_markup_in_a_name_is_shown_as_text() -> None:
    content = render_email(compose(MessageKind.SHIPPED, replace(FACTS, first_name="<script>alert(1)</script>{brand}")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{brand}" in content.html
    assert "Hello <script>alert(1)</script>{brand}," in content.text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/t/abc", ""])
def test_a_link_that_is_no_web_page_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="web page"):
        compose(MessageKind.SHIPPED, replace(FACTS, action_url=url))


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("field", [f.name for f in fields(Wording) if f.name not in {"weekdays", "months", "causes"}])
def test_languages_use_the_same_places(field: str) -> None:
    used = {language: places(getattr(words, field)) for language, words in WORDINGS.items()}
    assert len({frozenset(found) for found in used.values()}) == 1


@pytest.mark.parametrize("language", Language)
def test_every_day_of_a_year_reads_differently_within_a_week_and_a_month(language: Language) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert len({WORDINGS[language].day_in_words(day) for day in days}) == 365
    assert set(WORDINGS[language].causes) == set(ExceptionCause)
