"""Commands of symnn's that start at once: a process that has imported all of it forks for each.

`program` gives a shell the command line of `symnn`. What it runs hands its files, folder,
environment and words to that process, and ends with the status that comes back: pipes,
redirections and `cd` are the shell's own. A command then costs its work, and not, each time anew,
the second that `import sympy` takes.
"""

import array
import atexit
import contextlib
import functools
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# It imports little, since it is started for each command.
_CLIENT = """\
import array, json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
request = json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode()
server.sendmsg([len(request).to_bytes(4, "big")], files)
server.sendall(request)
sys.exit(int(server.recv(4) or 70))
"""
# No command of the documents needs them, and not everyone has Sphinx.
_LEFT_OUT = ("symnn.__main__", "symnn.sphinx")


@functools.cache
def program():
    """The words that a shell runs `symnn` by; its process ends with this one."""
    root = str(Path(__file__).parents[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forks"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    address = server.stdout.readline().strip()
    assert address, "symnn could not be loaded"
    atexit.register(server.communicate)
    client = Path(address).with_name("client.py")
    client.write_text(_CLIENT, encoding="utf-8")
    return [sys.executable, "-ISE", str(client), address]


def _serve():
    """Answer, a fork for each command, until stdin ends."""
    _load_everything()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        address = str(Path(folder) / "socket")
        server.bind(address)
        server.listen()
        print(address, flush=True)
        while server in select.select([server, sys.stdin], [], [])[0]:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _answer(connection)
            connection.close()


def _load_everything():
    import symnn

    for module in pkgutil.walk_packages(symnn.__path__, "symnn."):
        if module.name not in _LEFT_OUT:
            importlib.import_module(module.name)


def _answer(connection):
    """Do one command as a process of its own would, tell its status, and end."""
    room = socket.CMSG_SPACE(3 * array.array("i").itemsize)
    size, ((_, _, files), *_), _, _ = connection.recvmsg(4, room)
    with connection.makefile("rb") as rest:
        words, folder, environment = json.loads(rest.read(int.from_bytes(size, "big")))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(array.array("i", files)):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["symnn", *words]
    # Else a usage line would name the module that was started.
    sys.modules["__main__"].__package__ = None
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        for number, mode in enumerate("rww")
    )
    status = _status_of_main()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    connection.sendall(str(status).encode())
    os._exit(0)


def _status_of_main():
    from symnn.cli import main

    try:
        main()
    except SystemExit as ended:
        return ended.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    _serve()
