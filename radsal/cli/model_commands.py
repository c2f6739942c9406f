"""``radsal models``, as Typer sees it."""

from pathlib import Path
from typing import Annotated

import typer

from radsal import settings
from radsal.cli import importing, verifying
from radsal.cli import models as modelling
from radsal.cli.import_words import Words
from radsal.cli.status import known_errors

app = typer.Typer(help="The model packages.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command(name="list")
def models_list(json: Json = False) -> None:
    """Name the model packages."""
    with known_errors():
        raise typer.Exit(modelling.list_models(settings.load(), as_json=json))


@app.command(name="show")
def models_show(model: Annotated[str, typer.Argument()], json: Json = False) -> None:
    """Print a model's card."""
    with known_errors():
        raise typer.Exit(modelling.show_model(settings.load(), model, as_json=json))


@app.command(name="import")
def models_import(  # noqa: PLR0913 - one for each word of the command
    source: Annotated[Path, typer.Argument(help="A bundle, a .zip of one, or weights.")],
    *,
    model_id: Annotated[str | None, typer.Option("--id", help="What commands call it.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    network: Annotated[str | None, typer.Option(help="DenseNet121, ResNet50 …")] = None,
    in_channels: Annotated[int, typer.Option(min=1, max=16, help="Channels of the input.")] = 1,
    labels: Annotated[str | None, typer.Option(metavar="A,B,C", help="Outputs in order.")] = None,
    size: Annotated[str, typer.Option(metavar="N|ROWS,COLUMNS", help="Size of the input.")] = "224",
    scale: Annotated[
        str | None, typer.Option(metavar="LOW,HIGH", help="What black and white become.")
    ] = None,
    mean: Annotated[str | None, typer.Option(help="Subtracted after --scale, by channel.")] = None,
    std: Annotated[str | None, typer.Option(help="Divided by after that, by channel.")] = None,
    activation: Annotated[str, typer.Option(help="sigmoid or softmax.")] = "sigmoid",
    operating_point: Annotated[
        list[str] | None, typer.Option(metavar="LABEL=0.4", help="May be given for each label.")
    ] = None,
    modality: Annotated[str | None, typer.Option(metavar="CR,DX", help="Intended for.")] = None,
    view: Annotated[str | None, typer.Option(metavar="PA,AP", help="Intended for.")] = None,
    json: Json = False,
) -> None:
    """Bring a model in: a MONAI bundle, or weights with what they need to be used."""
    with known_errors():
        words = Words(
            model_id,
            name,
            network,
            in_channels,
            labels,
            size,
            scale,
            mean,
            std,
            activation,
            tuple(operating_point or ()),
            modality,
            view,
        )
        raise typer.Exit(importing.import_model(settings.load(), source, words, as_json=json))


@app.command(name="verify")
def models_verify(
    models: Annotated[
        list[str] | None, typer.Argument(help="Ids; all where none is given.")
    ] = None,
    json: Json = False,
) -> None:
    """Hash models anew and compare them with what their import wrote down."""
    with known_errors():
        raise typer.Exit(verifying.verify_models(settings.load(), models or [], as_json=json))


@app.command(name="trust")
def models_trust(
    sha256: Annotated[str, typer.Argument(help="The content to trust, 64 digits.")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Let a model with TorchScript, which is a program, run on this computer."""
    with known_errors():
        raise typer.Exit(importing.trust(settings.load(), sha256, _asker(yes), as_json=json))


@app.command(name="remove")
def models_remove(model: Annotated[str, typer.Argument()], yes: Yes = False) -> None:
    """Delete a model that was imported."""
    with known_errors():
        raise typer.Exit(importing.remove(settings.load(), model, _asker(yes)))


def _asker(yes: bool) -> importing.Ask:
    return (lambda _: True) if yes else (lambda question: typer.confirm(question, err=True))
