#!/usr/bin/env python3
"""How long a daemon takes from exec to its first answer, to its mount, to RUNNING, and what it holds then. Needs root.

usage: start.py [--runs N] [--busy N] BOOTSTRAP BLOB_DIR NAME=DAEMON ["NAME=DAEMON OPTION..."]...

Daemons take turns, so that all meet the same machine; the table gives medians. --busy keeps N processors busy meanwhile.
"""
import argparse, http.client, json, os, shlex, shutil, socket, statistics, subprocess, sys, tempfile, threading, time

PAUSE = 0.002
PATIENCE = 60


class ControlSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def state(path):
    """What the daemon says of itself, None if it does not answer."""
    try:
        connection = ControlSocket(path)
        connection.request("GET", "/api/v1/daemon")
        answer = connection.getresponse()
        return json.load(answer)["state"] if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None


def is_mounted(directory):
    with open("/proc/self/mountinfo") as table:
        return any(f" {directory} " in line for line in table)


def answers(directory):
    """Whether the daemon, not the directory below it, answers for the root."""
    return is_mounted(directory) and os.stat(directory) is not None


def proc(pid, name):
    with open(f"/proc/{pid}/{name}") as file:
        return file.read()


def memory(pid):
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in proc(pid, "status").splitlines() if line.startswith(("VmRSS", "RssAnon"))}


def processor_seconds(pid):
    fields = proc(pid, "stat").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def configure(work, blobs):
    """Writes {work}/config.json, for blobs in a directory and an empty cache in {work}/cache."""
    with open(f"{work}/config.json", "w") as config:
        json.dump({"device": {"backend": {"type": "localfs", "config": {"dir": blobs}}, "cache": {"type": "blobcache", "config": {"work_dir": f"{work}/cache"}}}, "mode": "direct", "digest_validate": False, "enable_xattr": True, "fs_prefetch": {"enable": False}}, config)
    os.mkdir(f"{work}/cache")


def run(command, bootstrap, blobs):
    work = tempfile.mkdtemp(prefix="start-")
    mount, api = f"{work}/mnt", f"{work}/api.sock"
    os.mkdir(mount)
    configure(work, blobs)
    conditions = {"socket": lambda: state(api), "mounted": lambda: is_mounted(mount), "serves": lambda: answers(mount), "running": lambda: state(api) == "RUNNING"}
    seen = {}
    with open(f"{work}/log", "w") as log:
        begin = time.monotonic()
        daemon = subprocess.Popen([*command, "--config", f"{work}/config.json", "--bootstrap", bootstrap, "--mountpoint", mount, "--apisock", api], stdout=log, stderr=log)

    def watch(name, condition):
        while time.monotonic() - begin < PATIENCE and daemon.poll() is None:
            if condition():
                seen[name] = time.monotonic() - begin
                return
            time.sleep(PAUSE)

    watchers = [threading.Thread(target=watch, args=item) for item in conditions.items()]
    try:
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.join()
        if len(seen) < len(conditions):
            sys.exit(f"{command[0]} did not come up: {open(f'{work}/log').read()[-300:]}")
        seen["cpu"] = processor_seconds(daemon.pid)
        time.sleep(1.5)
        seen.update(memory(daemon.pid))
        stopping = time.monotonic()
        daemon.terminate()
        seen["code"] = daemon.wait(PATIENCE)
        seen["end"] = time.monotonic() - stopping
    finally:
        daemon.kill()
        if is_mounted(mount):
            subprocess.run(["umount", "-l", mount])
        shutil.rmtree(work)
    return seen


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("bootstrap")
    parser.add_argument("blobs")
    parser.add_argument("daemons", nargs="+")
    given = parser.parse_args()
    daemons = {name: shlex.split(command) for name, _, command in (d.partition("=") for d in given.daemons)}
    results = {name: [] for name in daemons}
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(given.busy)]
    try:
        for _ in range(given.runs):
            for name, command in daemons.items():
                results[name].append(run(command, os.path.abspath(given.bootstrap), os.path.abspath(given.blobs)))
    finally:
        for process in busy:
            process.kill()
    print(f"{'median (worst) of ' + str(given.runs):22}" + "".join(f"{n:>16}" for n in ("socket ms", "mounted ms", "serves ms", "running ms", "cpu s", "VmRSS MiB", "anon MiB", "end ms")))
    for name, runs in results.items():
        def cell(key, scale=1.0, digits=0):
            values = [r[key] * scale for r in runs]
            return f"{statistics.median(values):.{digits}f} ({max(values):.{digits}f})".rjust(16)
        print(f"{name:22}" + "".join(cell(k, 1000) for k in ("socket", "mounted", "serves", "running")) + cell("cpu", 1, 2) + cell("VmRSS") + cell("RssAnon") + cell("end", 1000))


if __name__ == "__main__":
    main()
