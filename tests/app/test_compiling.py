from threading import Thread

import pytest

from app.compiling import compile_when_wanted
from fulfillment.domain.routing import speed


@pytest.mark.thorough
@pytest.mark.timeout(180)
def test_another_process_compiles_and_this_one_expects_it() -> None:
    speed.cool_down()
    compiling = Thread(target=compile_when_wanted)
    compiling.start()
    assert not speed.wait_until_wanted(0.2), "nobody measured anything yet"
    assert not speed.is_compiled()
    compiling.join(170)
    assert speed.is_compiled()
    speed.cool_down()
    assert not speed.is_compiled()
