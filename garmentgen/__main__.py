"""The command line: parse, call one function, print. `python -m garmentgen COMMAND --help` explains each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Annotated, NoReturn

from pydantic import Field

if not __package__:  # `paddle.distributed.launch -m garmentgen` drops the -m and runs this folder as a script
    sys.path[0], __package__ = str(Path(__file__).resolve().parents[1]), "garmentgen"

from . import environment  # noqa: E402
from .checks import Diversity, Seed, Share, option  # noqa: E402
from .errors import UserError  # noqa: E402
from .files import named  # noqa: E402
from .presets import PRESETS  # noqa: E402

Count = Annotated[int, Field(ge=1, le=1_000_000)]
Minutes = Annotated[float, Field(ge=0, le=1_000_000)]
BENCHES = ("prepare", "load", "train", "kernels", "generate", "demo", "painter", "web", "clients")


def _prepare(args: argparse.Namespace) -> int:
    from .data.prepare import prepare

    report = prepare(
        args.src, args.dst, args.size, args.fit, args.workers, args.limit, args.strict, args.source, masks=args.masks
    )
    print(report)
    return 0


def _draw(args: argparse.Namespace) -> int:
    from .synthetic import write_synthetic_set

    write_synthetic_set(args.dst, args.count, args.size, args.seed)
    print(f"{args.count} drawn pictures in {args.dst}; now: python -m garmentgen prepare {args.dst} PREPARED")
    return 0


def _train(args: argparse.Namespace) -> int:
    from .config import override
    from .training.loop import train

    settings = list(args.set) + ([f"train.images={args.images}"] if args.images is not None else [])
    settings += ["train.freeze_encoder=true"] if args.freeze else []
    config = override(PRESETS[args.preset], settings)
    weights = train([args.data, *args.drawn], config, args.run, args.minutes, args.init)
    print(f"averaged weights: {weights}")
    return 0


def _train_prior(args: argparse.Namespace) -> int:
    from .priors.config import FlowConfig
    from .training.prior import train_prior

    flow = FlowConfig(images=args.images, batch=args.batch) if args.images else None
    data = [args.data, *args.drawn]
    weights = train_prior(data, args.weights, args.run, flow, args.minutes, args.encoded, args.default, args.verdicts)
    print(f"weights with their priors: {weights}")
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    from .evaluation.command import evaluate_files

    report = evaluate_files(args.weights, args.data, args.split, args.report, args.prior, args.limit)
    print(report)
    return 0


def _generate(args: argparse.Namespace) -> int:
    from .inference import Designer
    from .output import names_of, write_variations

    names = names_of(args.out, args.count, args.grid)
    designer = Designer.load(args.weights)
    for note in write_variations(designer, args.map, names, args.count, args.seed, args.diversity, args.harmony):
        print(note, flush=True)
    return 0


def _export(args: argparse.Namespace) -> int:
    from .export import EXPORTERS, check_onnx

    if bool(args.dir) == bool(args.check):
        raise UserError("export takes a folder to write into, or --check and a file to look at")
    exporters = {**EXPORTERS, "web": _export_web}
    print(check_onnx(args.check, args.weights) if args.check else exporters[args.format](args.dir, args.weights))
    return 0


def _export_web(folder: Path, weights: Path | None) -> str:
    from demo.site import build

    from .inference import shipped_weights

    return build(folder, weights or shipped_weights())


def _bench(args: argparse.Namespace) -> int:
    from .bench import run

    print(run(args.what, args.size))
    return 0


def _add_data(commands: argparse._SubParsersAction) -> None:
    p = commands.add_parser("prepare", help="competition data -> images.npy, labels.npy (once, offline)")
    p.add_argument("src", type=_path, help="folder of iMaterialist 2019 / 2020 or Fashionpedia")
    p.add_argument("dst", type=_path, help="new or unfinished folder")
    p.add_argument("--size", type=_whole(8, 2048), default=256)
    p.add_argument("--fit", choices=("garment", "stretch"), default="garment")
    p.add_argument("--workers", type=_whole(1, 256), default=environment.cores())
    p.add_argument("--limit", type=option(Count), help="first N photos only")
    p.add_argument("--strict", action="store_true", help="fail if any row was rejected")
    p.add_argument("--source", choices=("competition", "fashionpedia"), help="else found by its files")
    p.add_argument("--masks", type=_path, help="masks (.csv or .csv.xz) for a SRC that holds photos only")
    p.set_defaults(run_command=_prepare)

    p = commands.add_parser("draw", help="write drawn garments in the competition's layout: no download needed")
    p.add_argument("dst", type=_path)
    p.add_argument("--count", type=option(Count), default=200)
    p.add_argument("--size", type=_whole(32, 2048), default=512)
    p.add_argument("--seed", type=option(Seed), default=0)
    p.set_defaults(run_command=_draw)


def _add_training(commands: argparse._SubParsersAction) -> None:
    p = commands.add_parser("train", help="train a generator; run the same command again to go on")
    p.add_argument("data", type=_path, help="prepared folder")
    p.add_argument("--drawn", type=_path, nargs="*", default=[], help="further prepared folders (share: data.drawn)")
    p.add_argument("--preset", choices=PRESETS, default="lite")
    p.add_argument("--run", type=_path, required=True, help="folder of this run")
    p.add_argument(
        "--set", action="extend", nargs="*", default=[], metavar="SECTION.KEY=VALUE", help="e.g. train.batch=8"
    )
    p.add_argument("--images", type=int, help="pictures to see in all")
    p.add_argument("--minutes", type=option(Minutes), help="stop after this long, state saved")
    p.add_argument("--init", type=_path, help="weights file to start from")
    p.add_argument("--freeze", choices=("encoder",), help="keep it as it is: codes and priors of --init stay valid")
    p.set_defaults(run_command=_train)

    p = commands.add_parser("train-prior", help="fit the priors of trained weights on their own codes")
    p.add_argument("data", type=_path, help="prepared folder")
    p.add_argument("--drawn", type=_path, nargs="*", default=[])
    p.add_argument("--weights", type=_path, required=True)
    p.add_argument("--run", type=_path, required=True)
    p.add_argument(
        "--images", type=_whole(0, 1_000_000_000), default=0, help="maps the flow sees in all; 0 fits the others only"
    )
    p.add_argument("--batch", type=_whole(1, 1024), default=32)
    p.add_argument("--default", choices=("gaussian", "bank", "flow"), help="prior to use unless told otherwise")
    p.add_argument("--encoded", type=option(Count), default=8_000, help="pictures to encode once, and learn from")
    p.add_argument("--minutes", type=option(Minutes))
    p.add_argument("--verdicts", type=_path, help="table of photos that an eye kept or refused for the bank")
    p.set_defaults(run_command=_train_prior)


def _add_use(commands: argparse._SubParsersAction) -> None:
    p = commands.add_parser("evaluate", help="figures that say how good the garments are")
    p.add_argument("weights", type=_path)
    p.add_argument("data", type=_path, help="prepared folder")
    p.add_argument("--split", choices=("val", "train", "all"), default="val")
    p.add_argument("--report", type=_path, default=Path("report"))
    p.add_argument("--prior", nargs="*", default=[], help="priors to score, else the default one")
    p.add_argument("--limit", type=option(Count), help="at most N maps, drawn with seed 0 (250)")
    p.set_defaults(run_command=_evaluate)

    p = commands.add_parser("generate", help="a map to a garment picture")
    p.add_argument("map", type=_path, help="PNG in palette colours, or grey ids")
    p.add_argument("-o", "--out", type=_path, default=Path("garment.png"))
    p.add_argument("--weights", type=_path, help="else the shipped ones")
    p.add_argument("--seed", type=option(Seed), default=0)
    p.add_argument("--diversity", type=option(Diversity), default=1.0, help="0 typical, 1 training spread, 2 much")
    p.add_argument("--harmony", type=option(Share), default=1.0, help="1 parts follow their garment, 0 parts are free")
    p.add_argument("--count", type=_whole(1, 1000), default=1, help="so many variations: OUT, OUT-1, OUT-2 ...")
    p.add_argument("--grid", action="store_true", help="all variations on one sheet")
    p.set_defaults(run_command=_generate)

    p = commands.add_parser("export", help="the generator as a file for other programs, run before it is believed")
    p.add_argument("dir", type=_path, nargs="?")
    p.add_argument("--check", type=_path, metavar="FILE", help="run this ONNX file beside the network instead")
    p.add_argument("--format", choices=("paddle", "onnx", "web"), default="paddle")
    p.add_argument("--weights", type=_path)
    p.set_defaults(run_command=_export)

    p = commands.add_parser("bench", help="measure speed here; prints one table")
    p.add_argument("what", choices=BENCHES)
    sizes = "canvas for `train` (128, 256), picture for `generate` (256, 512); 0 = both"
    p.add_argument("--size", type=int, choices=(0, 128, 256, 512), default=0, help=sizes)
    p.set_defaults(run_command=_bench)


def _whole(least: int, most: int):
    return option(Annotated[int, Field(ge=least, le=most)])


def _path(text: str) -> Path:
    try:
        return named(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line as every other fault is said: in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{' '.join(message.split())}; see `{self.prog} --help`")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("garmentgen", description="Paint a garment label map, see a garment.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_data, _add_training, _add_use):
        add(commands)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, or 2 after a fault, whose sentence alone is printed."""
    environment.print_anything()
    try:
        return _run(_parser().parse_args(arguments))
    except BrokenPipeError:  # `garmentgen ... | head` has read enough
        return 0
    except UserError as error:
        message = str(error)
    except OSError as error:
        message = f"{error.filename or 'the output'}: {error.strerror or error}"
    except MemoryError:
        message = "this needs more memory than there is; close other programs, or ask for less at a time"
    except KeyboardInterrupt:
        print("garmentgen: stopped", file=sys.stderr)
        return 130
    finally:
        environment.finish_printing()
    print(f"garmentgen: {message}", file=sys.stderr)
    return 2


def _run(args: argparse.Namespace) -> int:
    environment.check_threads()
    settings = environment.tune()
    if args.run_command in (_train, _train_prior, _bench):
        print("environment: " + ", ".join(f"{k}={v}" for k, v in settings.items()))
    if args.run_command not in (_prepare, _draw, _generate):
        environment.start_paddle()
    return args.run_command(args)


if __name__ == "__main__":
    sys.exit(main())
