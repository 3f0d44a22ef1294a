import pytest

from app.compiling import compile_ahead
from fulfillment.domain.routing import speed


@pytest.mark.thorough
@pytest.mark.timeout(180)
def test_another_process_compiles_and_this_one_expects_it() -> None:
    speed.cool_down()
    compile_ahead()
    assert speed.is_compiled()
    speed.cool_down()
    assert not speed.is_compiled()
