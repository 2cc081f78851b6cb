"""The command line of an installation: `bin/nuanxin COMMAND`, and `bin/demo`, which is one of its commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from nuanxin.kernel.refusals import Refusal
from nuanxin.operate import assembly, cells, installation, translations
from nuanxin.operate.assembly import AssemblyError
from nuanxin.operate.backup import BackupError, backup, refuse_unless_empty, restore
from nuanxin.operate.certificates import CertificateError, advice, make_certificate
from nuanxin.operate.installation import InstallationError
from nuanxin.operate.processes import StartError, Supervisor
from nuanxin.operate.translations import TranslationError
from nuanxin.postgres.binaries import PostgresError

Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a refusal is one line on standard error and status 1."""
    chosen = _parser().parse_args(arguments)
    run: Command = chosen.run
    # Settings read the role once, when they are first imported.
    os.environ["NUANXIN_DATABASE_ROLE"] = "owner" if run in _AS_OWNER else "application"
    try:
        return run(chosen)
    except (
        AssemblyError,
        BackupError,
        CertificateError,
        ImproperlyConfigured,
        InstallationError,
        PostgresError,
        Refusal,
        StartError,
        TranslationError,
    ) as error:
        print(f"nuanxin: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nuanxin", description="Administration of a Nuanxin installation.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    city = add("setup", _setup, "Set up or bring up to date: build, keys, tables, grants, regions, code lists.")
    city.add_argument("--city", action="store_true", help="also make the demo city")
    for name, run, text in (
        ("serve", _serve, "Start database, web server and background worker, and keep them alive."),
        ("demo", _demo, "Set up, make the demo city, and serve."),
    ):
        command = add(name, run, text)
        command.add_argument("--port", type=int, default=8000)
        command.add_argument("--host", default="127.0.0.1", help="loopback unless said otherwise")
        command.add_argument("--workers", type=int, default=2, help="processes of the web server")
        command.add_argument("--data", type=Path, default=None, help="folder of the installation (NUANXIN_DATA)")
        if name == "demo":
            command.add_argument("--empty", action="store_true", help="without the demo city")
    add("worker", _worker, "Work off background tasks.")
    administrator = add("administrator", _administrator, "Create the first administrator and print how to sign in.")
    administrator.add_argument("username")
    add("backup", _backup, "Save everything but the keys.").add_argument("file", type=Path)
    restoring = add("restore", _restore, "Restore a backup into an empty data folder.")
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--keys", type=Path, required=True, help="the keys file of the saved installation")
    restoring.add_argument(
        "--erasures", type=Path, default=None, help="the log of erasures; without it, the one beside the keys"
    )
    _add_acts(add("retention", _retention, "Say what the retention rules would erase, erase it, or clear the disk."))
    _add_keys(add)
    cells.add_commands(add)
    add("openapi", _openapi, "Write the schema of the machine interface to docs/openapi.json.").add_argument(
        "--check", action="store_true", help="only tell whether the file is up to date"
    )
    add("assemble", _assemble, "Build pages and translations.")
    add("messages", _messages, "Merge and compile the translations.")
    add("check-translations", _check_translations, "Name texts without a Chinese translation.")
    add("sign-ins", _sign_ins, "Print the sign-ins of the demo city.")
    add("django", _django, "Run a command of Django as the owner of the database.").add_argument(
        "rest", nargs=argparse.REMAINDER
    )
    return parser


def _add_acts(retention: argparse.ArgumentParser) -> None:
    retention.add_argument("act", nargs="?", choices=("dry-run", "erase", "clear"), default="dry-run")
    retention.add_argument(
        "--on", metavar="YYYY-MM-DD", type=date.fromisoformat, default=None, help="dry run of another day"
    )
    retention.add_argument("--ids", action="store_true", help="also list the ids of people and applications")


def _add_keys(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    token = add("token", _token, "Print an API token of a post or of a machine.")
    kind = token.add_mutually_exclusive_group(required=True)
    kind.add_argument("--post", metavar="ROLE", help="a cadre's token; needs --union")
    kind.add_argument("--client", metavar="NAME", help="a machine's token")
    token.add_argument("--union", metavar="CODE")
    token.add_argument("--scope", action="append", default=[], help="may be repeated; all scopes if none is named")
    https = add("https", _https, "Make a certificate for a network of one's own, and say how phones trust it.")
    https.add_argument("names", nargs="+", metavar="NAME", help="host names and addresses by which phones reach it")
    rotating = add("rotate-signing-key", _rotate, "Announce a new key for offline cards; it signs seven days later.")
    rotating.add_argument("--at-once", action="store_true", help="the key leaked: void what it signed, from now on")


def _setup(chosen: argparse.Namespace) -> int:
    installation.make_keys()
    assembly.assemble()
    with installation.database(new=True):
        installation.set_up(city=chosen.city)
    return 0


def _place(chosen: argparse.Namespace) -> Supervisor:
    if chosen.data is not None:
        os.environ["NUANXIN_DATA"] = str(chosen.data)
    os.environ["NUANXIN_DATA"] = str(installation.data_folder())
    supervisor = Supervisor(host=chosen.host, port=chosen.port, workers=chosen.workers)
    os.environ.setdefault("NUANXIN_BASE_URL", supervisor.address)
    if chosen.host not in {"127.0.0.1", "localhost"}:
        named = urlsplit(os.environ["NUANXIN_BASE_URL"]).hostname
        os.environ.setdefault("NUANXIN_ALLOWED_HOSTS", f"127.0.0.1,localhost,{chosen.host},{named}")
    return supervisor


def _serve(chosen: argparse.Namespace) -> int:
    supervisor = _place(chosen)
    return supervisor.run([sys.executable, "-m", "nuanxin.cli", "setup"])


def _demo(chosen: argparse.Namespace) -> int:
    supervisor = _place(chosen)
    os.environ["NUANXIN_DEMO"] = "" if chosen.empty else "1"
    city = [] if chosen.empty else ["--city"]
    return supervisor.run([sys.executable, "-m", "nuanxin.cli", "setup", *city])


def _worker(chosen: argparse.Namespace) -> int:
    installation.boot()
    from nuanxin.operate.working import work

    os.nice(10)  # in a rush a text may wait a moment; a person at the door may not
    work()
    return 0


def _administrator(chosen: argparse.Namespace) -> int:
    installation.boot()
    from django.conf import settings
    from django.utils import timezone

    from nuanxin.access.actions import create_first_administrator

    with installation.database():
        made = create_first_administrator(username=chosen.username, now=timezone.now())
    print(f"Sign in at {settings.NUANXIN_BASE_URL}/desk/ as {made.account.username} with the one-time password:")
    print(made.password)
    print("You choose your own password there, and pair an authenticator app.")
    return 0


def _backup(chosen: argparse.Namespace) -> int:
    with installation.database():
        rows = backup(chosen.file)
    print(f"{chosen.file}: {len(rows)} tables, {sum(rows.values())} rows. The keys are not in it; keep them apart.")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    refuse_unless_empty(chosen.keys)
    with installation.database(new=True):
        rows = restore(chosen.file, keys=chosen.keys)
        installation.set_up()
        print(f"{len(rows)} tables, {sum(rows.values())} rows restored, equal to the backup.")
        from nuanxin.operate.storage import erased_again

        print(erased_again(chosen.erasures or chosen.keys.with_name("erasures.jsonl")))
    return 0


def _retention(chosen: argparse.Namespace) -> int:
    installation.boot()
    from django.utils import timezone

    from nuanxin.operate import storage

    with installation.database():
        lines = {
            "dry-run": lambda: storage.planned(on=chosen.on, ids=chosen.ids),
            "erase": lambda: storage.erased(now=timezone.now()),
            "clear": lambda: storage.cleared(now=timezone.now()),
        }[chosen.act]()
        for line in lines:
            print(line)
    return 0


def _token(chosen: argparse.Namespace) -> int:
    if chosen.post and not chosen.union:
        raise StartError("A cadre's token needs the union's code: --union CODE.")
    installation.boot()
    from django.utils import timezone

    from nuanxin.access.actions import issue_cadre_token, issue_client_token

    with installation.database():
        if chosen.post:
            print(issue_cadre_token(role=chosen.post, union_code=chosen.union, now=timezone.now()))
        else:
            print(issue_client_token(name=chosen.client, scopes=chosen.scope, now=timezone.now()))
    return 0


def _https(chosen: argparse.Namespace) -> int:
    made = make_certificate(installation.data_folder() / "https", chosen.names, now=datetime.now(UTC))
    print("\n".join(advice(made, chosen.names)))
    return 0


def _rotate(chosen: argparse.Namespace) -> int:
    installation.boot()
    from django.utils import timezone

    from nuanxin.kernel.clock import ZONE
    from nuanxin.kernel.signing import keys_path, rotate

    key = rotate(now=timezone.now(), at_once=chosen.at_once)
    print(
        f"Key {key.key_id} signs from {key.signs_from.astimezone(ZONE):%Y-%m-%d %H:%M}. Copy {keys_path()} to its safe."
    )
    if chosen.at_once:
        print("Every older key is void: phones fetch new credentials by themselves, counters must be enrolled anew.")
    return 0


def _openapi(chosen: argparse.Namespace) -> int:
    installation.boot()
    import json

    from nuanxin.web.api.api import api

    file = assembly.ROOT / "docs" / "openapi.json"
    text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
    if chosen.check:
        fresh = file.exists() and file.read_text(encoding="utf-8") == text
        print("docs/openapi.json is up to date." if fresh else "docs/openapi.json is old: run bin/nuanxin openapi.")
        return 0 if fresh else 1
    file.write_text(text, encoding="utf-8")
    return 0


def _assemble(chosen: argparse.Namespace) -> int:
    os.environ.setdefault("NUANXIN_SECRET_KEY", "only-to-build")
    assembly.assemble()
    return 0


def _messages(chosen: argparse.Namespace) -> int:
    translations.compile_catalogs(force=True)
    return 0


def _check_translations(chosen: argparse.Namespace) -> int:
    missing, broken = translations.missing(), translations.broken()
    for message in missing:
        print(f"{message.place}: no Chinese for {message.text!r}")
    for text in broken:
        print(f"placeholders differ in the translation of {text!r}")
    return 1 if missing or broken else 0


def _sign_ins(chosen: argparse.Namespace) -> int:
    installation.boot()
    for line in installation.sign_ins():
        print(line)
    return 0


def _django(chosen: argparse.Namespace) -> int:
    installation.boot()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["nuanxin django", *chosen.rest])
    return 0


_AS_OWNER = (_setup, _backup, _restore, _retention, _openapi, _assemble, _django)

if __name__ == "__main__":
    sys.exit(main())
