"""gateway serve."""

import click

from gateway.cli import given
from gateway.cli.parts import check_current
from gateway.cli.setup import prepare
from gateway.listen import serve as run_server


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer; default: the settings'.")
@click.pass_context
def serve(ctx: click.Context, workers: int | None) -> None:
    """Run the server until it is told to stop (Ctrl-C, SIGTERM)."""
    settings = given.settings(ctx)
    if workers is not None:
        settings = settings.model_copy(update={"server": settings.server.model_copy(update={"workers": workers})})
    if settings.database.url.startswith("sqlite"):
        prepare(settings)
    check_current(settings)
    run_server(settings)
