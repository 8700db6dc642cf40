"""The ``gridbid`` command: a thin shell that imports what a subcommand needs when it runs."""

import sys

import typer

from gridbid.cli import bench, bot, chain, data, demo, evaluate, replay, report, reproduce, scenario, train

app = typer.Typer(
    help="Train agents for a local energy market, evaluate them, and let them trade on smart contracts.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.command("train", epilog=train.EXAMPLES)(train.train)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("report", epilog=report.EXAMPLES)(report.report)
app.command("reproduce", epilog=reproduce.EXAMPLES)(reproduce.reproduce)
app.command("replay", epilog=replay.EXAMPLES)(replay.replay)
app.add_typer(bot.app, name="bot")
app.add_typer(chain.app, name="chain")
app.add_typer(bench.app, name="bench")
app.add_typer(scenario.app, name="scenario")
app.add_typer(data.app, name="data")

BAD_INPUT, BROKEN = 2, 1


def main() -> None:
    """Run the command; what a user can mend is one line on stderr and an exit code, not a traceback."""
    from gridbid.market.errors import GridbidError

    try:
        app()
    except GridbidError as error:
        _fail(str(error), BAD_INPUT)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error), BROKEN)
    except ModuleNotFoundError as error:
        _fail(f"{error.name} is not installed: pip install 'gridbid[all]' brings everything", BROKEN)
    except KeyboardInterrupt:
        _fail("interrupted; what was finished is kept", 130)


def _fail(message: str, code: int) -> None:
    print(f"gridbid: {message}", file=sys.stderr)
    sys.exit(code)
