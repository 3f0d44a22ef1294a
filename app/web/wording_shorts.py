"""What merchants want when units are missing at the bin, in words."""

CONSENT_RULES = {
    "never": "Nobody gets another item than was ordered.",
    "agreed": "Who agreed at the shop gets it at once, who wants to be asked is asked, and nobody else gets it.",
    "ask": "Who agreed at the shop gets it at once; everybody else is asked, but for those who said no.",
}
ON_SILENCE = {
    "wait": "the order waits for what is missing",
    "substitute": "the substitute is sent",
    "leave_out": "what is missing is left out",
    "cancel": "the order is cancelled",
}
NEVER_UNASKED = "Gifts and hazardous goods are never replaced without asking."


def question_rule(hours: str, on_silence: str) -> str:
    """Return how long a question is open, and what is done without an answer."""
    return f"A question is open for {hours}; then {ON_SILENCE[on_silence]}."
