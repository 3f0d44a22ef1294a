"""Every page renders, full and empty, and keeps the promises of the content security policy."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markupsafe import Markup as SafeText
from sample_pages import SAMPLES, emptied, order, orders, problem_form, tracker, tracker_new, tracker_verified

from app.web.branding import InvalidAccentError, brand_stylesheet, contrast, correct_accent
from app.web.pages import Column, Link, Notice, OrderEvent, Page
from app.web.rendering import STATIC_DIR, render_page, static_root, static_url
from app.web.table_cells import labelled

PAGES = {
    **{name: build() for name, build in SAMPLES.items()},
    **{f"empty_{name}": emptied(build()) for name, build in SAMPLES.items()},
}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "path", "rect", "wbr"}


class Markup(HTMLParser):
    """Collects what the rules of the house speak about: nesting, ids, labels, scripts, styles, addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture(params=PAGES.values(), ids=PAGES.keys())
def markup(request: pytest.FixtureRequest) -> Markup:
    page: Page = request.param
    return Markup(render_page(page))


def test_elements_are_balanced(markup: Markup) -> None:
    assert markup.unbalanced == []
    assert markup.open == []


def test_nothing_inline_runs_or_styles(markup: Markup) -> None:
    for tag, attributes in markup.elements:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        if tag == "script":
            assert (attributes["src"] or "").startswith(static_root())
            assert attributes["type"] == "module"


def test_no_file_comes_from_elsewhere(markup: Markup) -> None:
    loads = [
        attributes.get("src") or attributes.get("href") or ""
        for tag, attributes in markup.elements
        if tag in {"img", "script", "link"}
    ]
    assert loads
    assert all(address.startswith("/") and not address.startswith("//") for address in loads)


def test_static_files_exist(markup: Markup) -> None:
    for _tag, attributes in markup.elements:
        for name in ("src", "href"):
            address = attributes.get(name) or ""
            if address.startswith("/static/"):
                assert (STATIC_DIR / address.removeprefix(f"{static_root()}/")).is_file()


def test_ids_are_unique_and_labels_find_their_fields(markup: Markup) -> None:
    ids = [attributes["id"] for _tag, attributes in markup.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in markup.elements:
        if tag == "label":
            assert attributes["for"] in ids
        for reference in (attributes.get("aria-describedby") or "").split():
            assert reference in ids


def test_each_post_form_carries_its_own_operation_id(markup: Markup) -> None:
    text_forms = [attributes for tag, attributes in markup.elements if tag == "form" and attributes["method"] == "post"]
    signed = [form for form in text_forms if form["action"] != "/sign-out"]
    operation_ids = [attributes["value"] for tag, attributes in markup.elements if attributes.get("name") == "op_id"]
    assert len(operation_ids) == len(signed)
    assert len(set(operation_ids)) == len(operation_ids)


def test_one_first_heading(markup: Markup) -> None:
    assert [tag for tag, _ in markup.elements].count("h1") == 1


@pytest.mark.parametrize("build", SAMPLES.values(), ids=SAMPLES.keys())
def test_at_most_one_primary_button_outside_closed_forms(build: object) -> None:
    text = render_page(build())  # type: ignore[operator] - the table holds builders
    visible = re.sub(r"<details.*?</details>", lambda match: match[0].split("</summary>")[0], text, flags=re.DOTALL)
    assert len(re.findall(r'class="[^"]*\bprimary\b', visible)) <= 1


def test_text_from_outside_is_escaped() -> None:
    event = OrderEvent(order().placed_at, "Note", "<script>alert(1)</script>", evidence=Link("“><b>", '/e"onclick="x'))
    page = replace(order(), label="<i>1</i>", events=(event,))
    text = render_page(page)
    assert "<script>alert" not in text
    assert "<i>1</i>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert '"onclick="x' not in text


def test_the_tracker_hides_the_recipient_until_the_challenge_is_answered() -> None:
    before, after = render_page(tracker()), render_page(tracker_verified())
    assert "Ingrid" not in before
    assert "Kirkgate" not in before
    assert "Kirkgate" in after
    assert "/verify" not in after


def test_the_tracker_says_the_promise_first() -> None:
    text = render_page(tracker())
    assert re.search("<h1>Arriving Tuesday 24 November, 14\N{EN DASH}18</h1>", text)
    assert text.index("<h1>") < text.index("Enamel mug")


def test_a_wrong_answer_is_named_and_linked() -> None:
    assert "That is not what the order says." in render_page(tracker_new())
    form = problem_form()
    wrong = replace(form.form.fields[2], error="Write at least one sentence.")
    text = render_page(replace(form, form=replace(form.form, fields=(wrong,))))
    assert 'href="#f-note"' in text
    assert 'aria-invalid="true"' in text


def test_times_are_relative_with_the_whole_moment_beside() -> None:
    text = render_page(order())
    assert (
        '<time datetime="2026-11-24T08:11:00Z" title="Tue 24 Nov 2026 08:11 GMT"><span>Today 08:11</span></time>'
        in text
    )


def test_notices_of_trouble_interrupt_and_others_do_not() -> None:
    shell = replace(orders().shell, notices=(Notice("stop", "Not saved."), Notice("ok", "Saved.")))
    text = render_page(replace(orders(), shell=shell))
    assert text.count('role="alert"') == 1
    assert 'class="notice ok" role="status"' in text


def test_navigation_shows_only_what_the_role_may_open() -> None:
    picker = render_page(replace(orders(), shell=replace(orders().shell, role="picker")))
    assert 'href="/scan"' in picker
    assert 'href="/admin/keys"' not in picker


def test_static_addresses_change_with_the_files() -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{12}/css/base\.css", static_url("css/base.css"))


@pytest.mark.parametrize("accent", ["#FFFF00", "#0B6E69", "000000", "#ffffff", "#FF00FF", "#7f7f7f"])
def test_accents_are_corrected_until_they_can_be_read(accent: str) -> None:
    shades = correct_accent(accent)
    for ground in ("#FFFFFF", "#F6F7F4", shades.on_light):
        assert contrast(shades.light, ground) >= 4.5
    for ground in ("#172228", "#0F171B", shades.on_dark):
        assert contrast(shades.dark, ground) >= 4.5


def test_a_good_accent_is_left_alone() -> None:
    assert correct_accent("#0b6e69").light == "#0B6E69"
    assert "--brand:#0B6E69" in brand_stylesheet("#0B6E69")


@pytest.mark.parametrize("accent", ["red", "#12345", "#12345G", "#000000;}body{display:none", ""])
def test_an_accent_that_is_no_color_is_refused(accent: str) -> None:
    with pytest.raises(InvalidAccentError):
        brand_stylesheet(accent)


def test_cells_name_their_columns_for_a_phone() -> None:
    columns = Column("Order"), Column("Now & then"), Column("Change", quiet=True), Column("Due")
    cells = labelled(SafeText("<th scope=row>1</th><td>2</td><td class='n'>3</td><td>4</td>"), columns)
    assert cells == (
        '<th role="rowheader" scope=row>1</th><td role="cell" data-label="Now &amp; then">2</td>'
        '<td role="cell" class=\'n\'>3</td><td role="cell" data-label="Due">4</td>'
    )
