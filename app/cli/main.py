from app.begin import begin


def main() -> None:
    """Run the command line."""
    begin("app.cli.commands")
