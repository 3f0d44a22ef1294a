from pathlib import Path

import pytest
from olist_folder import defective_folder
from typer.testing import CliRunner, Result

from app.cli.commands import command_line
from kernel.errors import NotFound, Refusal
from tests.plugin.databases import FreshDatabase

SHOP = (
    "Name,Created at,Currency,Lineitem quantity,Lineitem price,Lineitem sku,Shipping Name,Shipping Country\n"
    "#1,2018-03-05 10:15:00 -0300,BRL,1,19.90,product-0,Ana,BR\n"
    "#2,2018-03-05 10:15:00 -0300,BRL,none,19.90,product-0,Ana,BR\n"
)


@pytest.fixture
def folder(fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PICKSTREAM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "the secret key of the command tests")
    return defective_folder().write(tmp_path / "olist")


def pickstream(*words: str) -> Result:
    result = CliRunner().invoke(command_line(words), words)
    if isinstance(result.exception, Refusal):
        raise result.exception
    return result


@pytest.mark.thorough
def test_orders_come_in_and_live_a_day_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    first = pickstream("import", "olist", str(folder))
    assert first.exit_code == 0, first.output
    assert "Source = imported + set aside." in first.stdout
    assert "18 new orders" in first.stdout
    assert "defect handed_over_before_approval" in first.stdout
    assert "0 new orders" in pickstream("import", "olist", str(folder)).stdout
    shop = tmp_path / "orders.csv"
    shop.write_text(SHOP)
    partly = pickstream("import", "shopify", str(shop), "--merchant", "seller-a")
    assert partly.exit_code == 1
    assert "line     3  #2             Lineitem quantity" in partly.stdout
    assert "1 order taken" in partly.stdout
    catalogue = tmp_path / "items.csv"
    catalogue.write_text("sku;name;weight_kg;price\nNEW-1;Bowl;0,4;3\nNEW-2;Cup;0;4\n")
    stored = pickstream("import", "items", str(catalogue), "--merchant", "seller-a")
    assert stored.exit_code == 1
    assert "line     3  NEW-2          weight_kg: 0 cannot be." in stored.stdout
    assert "Columns that were not read: price." in stored.stdout
    assert "1 item created, 0 changed, 0 unchanged, 1 refused." in stored.stdout
    day = pickstream("simulate", "--day", "2018-03-05")
    assert day.exit_code == 0, day.output
    assert "from 2018-03-05" in day.stdout
    assert "DELIVERED" in day.stdout
    proof = pickstream("verify").output
    assert " 0 violations" in proof
    assert max(len(line) for line in proof.splitlines()) <= 80


@pytest.mark.thorough
def test_wrong_wishes_are_refused_with_a_word_on_what_to_do(folder: Path, tmp_path: Path) -> None:
    shop = tmp_path / "orders.csv"
    shop.write_text(SHOP)
    with pytest.raises(NotFound, match="no merchant with the code nobody"):
        pickstream("import", "shopify", str(shop), "--merchant", "nobody")
    with pytest.raises(NotFound, match="There is no site sao-paulo"):
        pickstream("simulate", "--all")
    with pytest.raises(Refusal, match="Choose one"):
        pickstream("simulate")
