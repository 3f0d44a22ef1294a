from hypothesis import HealthCheck, settings

# How long an example takes says more about what else the machine does than about the code.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("fast", _PATIENT, max_examples=30)
settings.register_profile("thorough", _PATIENT, max_examples=300)
settings.load_profile("fast")


def examples(usual: int) -> int:
    """How many examples to try: three tenths of the usual number in the fast suite, three times it in the thorough."""
    return max(1, usual * settings.default.max_examples // 100)
