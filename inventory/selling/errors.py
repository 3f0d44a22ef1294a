from kernel.errors import Refusal


class NoKit(Refusal):
    """An item cannot become a kit, or a kit cannot be a part of another."""

    code = "not_a_kit"
    title = "This cannot be a kit"
