"""`reviewflow serve` and `reviewflow worker`: the two processes of the service."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from reviewflow import app, db, migrating, worker
from reviewflow.alerts.sending import mailer
from reviewflow.commands.fixtures import demo_sign_ins, load_demo
from reviewflow.commands.speaking import SubCommand, complain, say
from reviewflow.pdf import PdfMaker
from reviewflow.settings import BadSetting, Settings, read_settings, resource_folder
from reviewflow.web.clock import wall_clock

ACCESS_LOG = "%(h)s %(m)s %(U)s %(s)s %(M)sms"
"""Who asked for which path, and how it went: no query and no page they came from, for either may name."""


class Server(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
    """gunicorn around the app: several processes, several threads each, and it drains when it stops."""

    def __init__(self, site: Flask, options: dict[str, Any]) -> None:
        self.site = site
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app each process serves."""
        return self.site


def _serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="with the worker and a demo partnership")
    parser.add_argument("--processes", type=int, default=2, help="how many processes answer (default 2)")


def serve(options: argparse.Namespace) -> int:
    """Serve the site until told to stop; with --demo, the worker and an invented partnership too."""
    if options.demo:
        os.environ["REVIEWFLOW_DEMO"] = "yes"
    try:
        settings = read_settings()
        site = _prepared(settings, demo=options.demo)
    except (BadSetting, app.NotReady) as fault:
        return complain(str(fault))
    beside = _start_worker() if options.demo else None
    if options.demo:
        _say_where(settings)
    try:
        Server(site, _gunicorn(settings, options.processes)).run()
    finally:
        if beside is not None:
            beside.terminate()
            beside.wait(timeout=30)
    return 0


def _prepared(settings: Settings, *, demo: bool) -> Flask:
    if demo:
        engine = db.connect(settings.database_url)
        migrating.migrate_up(engine)
        load_demo(settings, engine, wall_clock())
        engine.dispose()
    return app.create_app(settings)


def _start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "reviewflow", "worker"])


def _gunicorn(settings: Settings, processes: int) -> dict[str, Any]:
    return {
        "bind": settings.bind,
        "workers": processes,
        "threads": 4,
        "accesslog": "-",
        "access_log_format": ACCESS_LOG,
        "control_socket_disable": True,
        "graceful_timeout": 30,
        "proc_name": "reviewflow",
    }


def _say_where(settings: Settings) -> None:
    say(f"ReviewFlow is at {settings.public_url}. Sign in as one of these invented people:")
    for line in demo_sign_ins():
        say(f"  {line}")


def _worker_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="tick once and stop, for use with cron")


def run_worker(options: argparse.Namespace) -> int:
    """Tick until told to stop, or once."""
    try:
        settings = read_settings()
        definitions = app.read_definitions(settings)
    except (BadSetting, app.NotReady) as fault:
        return complain(str(fault))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    sessions = db.make_sessions(db.connect(settings.database_url))
    with PdfMaker(resource_folder("static")) as maker:
        one = worker.Worker(settings, sessions, definitions, mailer(settings), maker)
        if options.once:
            one.tick(wall_clock())
        else:
            worker.run(one, wall_clock)
    return 0


SUB_COMMANDS = (
    SubCommand(("serve",), "serve the site", _serve_options, serve),
    SubCommand(("worker",), "tell what is due, make documents, send mail", _worker_options, run_worker),
)
