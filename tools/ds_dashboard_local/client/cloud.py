"""A local cloud in a child process.

with LocalCloud() as cloud:
    cloud.client("sqs", "111111111111").create_queue(QueueName="q")
    subprocess.run(["terraform", "apply"], env=cloud.subprocess_environment("111111111111"))
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from ds_dashboard_local import settings
from ds_dashboard_local.client.endpoint import LocalCloudError, RunningCloud

_MAX_START_SECONDS = 30
_MAX_STOP_SECONDS = 10


class LocalCloud(RunningCloud):
    """A local cloud in a child process that ends with this one.

    Attributes:
        state: The folder that it writes to.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        state: Path | None = None,
        organizations: Mapping[str, Sequence[str]] | None = None,
        detached: bool = False,
        without_gaps: Sequence[str] = (),
    ) -> None:
        """Describe the process; `start` or a `with` statement starts it.

        Args:
            port: 0 takes a free port.
            state: The only folder that it writes to; None uses a temporary folder, which is removed at the end.
            organizations: Account ids by organization id.
            detached: Let the process outlive this one; it needs a `state`.
            without_gaps: Names of gaps whose patches are not applied; see docs/local-cloud.md.
        """
        super().__init__(endpoint="")
        self._port, self._detached = port, detached
        self._temporary = state is None
        self.state = state or Path(tempfile.gettempdir())
        self._organizations = organizations or {}
        self._without_gaps = without_gaps
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        """The log of the server and of every service in it."""
        return self.state / "server.log"

    def __enter__(self) -> LocalCloud:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> LocalCloud:
        """Start the server and wait until it answers.

        Raises:
            LocalCloudError: It does not start; the message says why.
        """
        if error := settings.engine_error():
            raise LocalCloudError(error)
        address = self._prepare_state()
        # -P: a queue.py in the caller's folder must not become the server's queue module.
        command = [sys.executable, "-P", "-m", "ds_dashboard_local.server", "--state", str(self.state.resolve())]
        command += ["--port", str(self._port)]
        for identifier, accounts in self._organizations.items():
            command += ["--organization", f"{identifier}={','.join(accounts)}"]
        for name in self._without_gaps:
            command += ["--without-gap", name]
        environment = settings.process_environment(self.state, os.environ)
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command if self._detached else [*command, "--stop-with-stdin"],
                stdin=subprocess.DEVNULL if self._detached else subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.state,
                start_new_session=True,
            )
        self._wait_until_it_answers(address)
        return self

    def _prepare_state(self) -> Path:
        """Make the state folder; returns the file to which the server writes its address."""
        try:
            if self._temporary:
                self.state = Path(tempfile.mkdtemp(prefix="ds-dashboard-local-"))
            self.state.mkdir(parents=True, exist_ok=True)
            address = self.state / "address"
            address.unlink(missing_ok=True)
        except OSError as error:
            raise LocalCloudError(
                f"cannot write to {self.state}: {error.strerror}; name another folder (--state)"
            ) from None
        return address

    def _wait_until_it_answers(self, address: Path) -> None:
        assert self._process is not None
        limit = time.monotonic() + _MAX_START_SECONDS
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                if self._process.returncode == settings.EXIT_PORT_IN_USE:
                    self._clean_up()
                    stop = shlex.join(["ds-dashboard", "local", "down", "--port", str(self._port)])
                    raise LocalCloudError(
                        f"port {self._port} is in use; stop the program that uses it (a local cloud with: {stop}) or "
                        "choose another port"
                    )
                raise LocalCloudError(f"the local cloud ended while it started; see {self.log_file}")
            if address.exists():
                self.endpoint = address.read_text()
                try:
                    self.status()
                    return
                except LocalCloudError:
                    pass
            time.sleep(0.02)
        self.stop()
        raise LocalCloudError(f"the local cloud did not answer within {_MAX_START_SECONDS} s; see {self.log_file}")

    def ended(self) -> bool:
        """Whether the server was stopped or has crashed."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """End the server and every Lambda worker, if it has not ended already."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(_MAX_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._temporary:
            shutil.rmtree(self.state, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Whether a process runs; a zombie does not.

    In a container the exit status of an orphan may never be collected, and signal 0 would find it forever.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()  # no /proc here, or the process has just ended
