"""The command ``podium``: its commands, and what becomes of errors."""

from __future__ import annotations

import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from podium.cli.commands import (
    auditing,
    checking,
    comparing,
    copying,
    databases,
    definitions,
    hosting,
    importing,
    keys,
    operating,
    overviews,
    pictures,
    playbacks,
    pruning,
    reading,
    registering,
    running,
    scheduling,
    secrets,
    serving,
    steps,
    talking,
    users,
    watching,
)
from podium.cli.commands.differences import diff
from podium.cli.console import out, prepare_streams, say
from podium.model.errors import BackendError, DefinitionError, InternalError, PodiumError, RenderError, RequestError

#: Errors that are the caller's: wrong words, wrong definition, a run that is not there, a picture that cannot be made.
_CALLERS_FAULTS = (RequestError, DefinitionError, BackendError, RenderError)


class _Commands(TyperGroup):
    """Turns Podium's errors into a line and an exit code; bugs of ours keep their traceback."""

    def invoke(self, ctx: Any) -> Any:  # typer's context, whose module differs from version to version
        try:
            return super().invoke(ctx)
        except InternalError:
            raise
        except PodiumError as error:
            if ctx.params.get("debug"):
                traceback.print_exception(error)
            else:
                say(f"error: {error}", colour="red")
            raise typer.Exit(2 if isinstance(error, _CALLERS_FAULTS) else 1) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(130) from error


# Plain help: it is written at once, where the drawn one would have to import rich first.
app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        version()
        raise typer.Exit


@app.callback()
def podium(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Write, check, draw and run durable workflows."""


def version() -> None:
    """Show the version."""
    from podium.model.version import own_version

    found = own_version()
    out("podium, not installed" if found is None else f"podium {found}")


app.command("export")(definitions.export)
app.command("check")(checking.check)
app.command("import")(importing.import_definitions)
app.command("diff")(diff)
app.command("render")(pictures.render)
app.command("graph")(overviews.graph)
app.command("run")(running.run)
app.command("register")(registering.register)
app.command("worker")(serving.worker)
app.command("server")(hosting.server)
app.command("list")(reading.list_runs)
app.command("runs")(reading.list_runs)
app.command("search")(reading.list_runs)
app.command("show")(reading.show)
app.command("explain")(reading.explain)
app.command("logs")(steps.logs)
app.command("watch")(watching.watch)
app.command("timeline")(overviews.timeline)
app.command("playback")(playbacks.playback)
app.command("heat")(comparing.heat)
app.command("what-if")(comparing.what_if)
app.command("resume")(running.resume)
app.command("retry")(running.retry)
app.command("restart")(running.restart)
app.command("rerun")(running.rerun)
app.command("pause")(operating.pause)
app.command("terminate")(operating.terminate)
app.command("complete")(operating.complete)
app.command("skip")(steps.skip)
app.command("fail")(steps.fail)
app.command("signal")(talking.signal)
app.command("message")(talking.message)
app.command("query")(talking.query)
app.add_typer(scheduling.schedule, name="schedule")
app.add_typer(databases.db, name="db")
app.command("copy")(copying.copy)
app.command("prune")(pruning.prune)
app.add_typer(pruning.retention, name="retention")
app.command("audit")(auditing.audit)
app.add_typer(keys.keys, name="keys")
app.add_typer(users.users, name="users")
app.add_typer(secrets.secrets, name="secrets")
app.command("version")(version)


def main() -> None:
    """Run the command line; the process ends with the command's exit code."""
    prepare_streams()
    app(prog_name="podium")
