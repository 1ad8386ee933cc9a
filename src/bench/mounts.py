#!/usr/bin/env python3
"""Mounts that come and go in one running daemon: how fast, and whether anything of them stays. Needs root.

usage: mounts.py [--cycles N] [--at-once N] [--deletes N] SMALL BLOB_DIR LARGE BLOB_DIR DAEMON [OPTION...]

SMALL and LARGE are bootstraps. Mounts SMALL, compares every byte with the first time, unmounts, N times; mounts it N times at
once; fills the kernel's cache with all entries of LARGE and unmounts that. Prints milliseconds, and what the daemon holds
before and after; ends with 1 if a byte is wrong, an old mount is seen, or descriptors or threads stay.
"""
import argparse, hashlib, json, os, shutil, statistics, subprocess, sys, tempfile, time

from start import ControlSocket, is_mounted, memory, state

PATIENCE = 60
WARM_UP = 50


class Daemon:
    def __init__(self, work, command):
        self.api, self.root = f"{work}/api.sock", f"{work}/mnt"
        os.mkdir(self.root)
        self.log = open(f"{work}/log", "w")
        self.process = subprocess.Popen([*command, "--mountpoint", self.root, "--apisock", self.api], stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while state(self.api) != "RUNNING":
            if time.monotonic() > end or self.process.poll() is not None:
                raise OSError("the daemon does not run: " + open(f"{work}/log").read())
            time.sleep(0.01)
        # One connection for all, as nydus-snapshotter does it.
        self.connection = ControlSocket(self.api)

    def ask(self, method, path, body=None):
        """Status and text of the answer, and the milliseconds it took."""
        begin = time.perf_counter()
        self.connection.request(method, f"/api/v1/mount?mountpoint={path}", body)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        return answer.status, text, (time.perf_counter() - begin) * 1000

    def demand(self, method, path, body=None):
        status, text, took = self.ask(method, path, body)
        if status != 204:
            raise OSError(f"{method} {path}: {status} {text}")
        return took

    def holds(self):
        """Descriptors, threads, mebibytes in memory."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd")), len(os.listdir(f"/proc/{self.process.pid}/task")), memory(self.process.pid)["VmRSS"]

    def settled(self, before):
        """What it holds once what works in the background is done; memory goes as the collector likes."""
        end = time.monotonic() + PATIENCE / 4
        while time.monotonic() < end and (self.holds()[0] > before[0] or self.holds()[1] > before[1]):
            time.sleep(0.1)
        return self.holds()

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        if is_mounted(self.root):
            subprocess.run(["umount", "-l", self.root])


def request(work, bootstrap, blobs):
    config = {"device": {"backend": {"type": "localfs", "config": {"dir": os.path.abspath(blobs)}}, "cache": {"type": "blobcache", "config": {"work_dir": f"{work}/cache"}}}, "mode": "direct"}
    return json.dumps({"source": os.path.abspath(bootstrap), "fs_type": "rafs", "config": json.dumps(config)})


def walk(top):
    """Fills the kernel's cache, and says how many entries there are."""
    entries = 0
    with os.scandir(top) as found:
        for entry in found:
            entries += 1
            entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                entries += walk(entry.path)
    return entries


def digest(top):
    """Of every name, mode, link target and byte."""
    all_of_it = hashlib.sha256()
    for at, directories, names in os.walk(top):
        directories.sort()
        for name in sorted(directories + names):
            path = os.path.join(at, name)
            status = os.lstat(path)
            all_of_it.update(os.fsencode(os.path.relpath(path, top)) + b"%o %d" % (status.st_mode, status.st_size if not os.path.isdir(path) else 0))
            if os.path.islink(path):
                all_of_it.update(os.fsencode(os.readlink(path)))
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    all_of_it.update(hashlib.file_digest(file, "sha256").digest())
    return all_of_it.hexdigest()


def is_seen(path):
    try:
        os.stat(path)
        return True
    except FileNotFoundError:
        return False


class Report:
    def __init__(self):
        self.faults = []

    def times(self, name, milliseconds):
        print(f"{name}: {len(milliseconds)} times, median {statistics.median(milliseconds):.1f} ms, worst {max(milliseconds):.1f} ms")

    def growth(self, name, before, after):
        print(f"{name}: descriptors {before[0]} -> {after[0]}, threads {before[1]} -> {after[1]}, memory {before[2]:.0f} -> {after[2]:.0f} MiB")
        if after[0] > before[0] or after[1] > before[1]:
            self.faults.append(f"{name}: something stays")


def cycles(daemon, report, body, count):
    mounted, first, unmounted, expected, before = [], [], [], None, None
    for number in range(WARM_UP + count):
        if number == WARM_UP:
            before = daemon.settled((0, 0))
            mounted, first, unmounted = [], [], []
        path = f"/cycle-{number % 300}/image"
        begin = time.perf_counter()
        mounted.append(daemon.demand("POST", path, body))
        os.listdir(daemon.root + path)
        first.append((time.perf_counter() - begin) * 1000)
        found = digest(daemon.root + path)
        expected = expected or found
        if found != expected:
            report.faults.append(f"cycle {number} shows another tree")
        unmounted.append(daemon.demand("DELETE", path))
        if is_seen(daemon.root + path):
            report.faults.append(f"cycle {number} is seen after its end")
    report.times("POST", mounted)
    report.times("POST to first readdir", first)
    report.times("DELETE", unmounted)
    report.growth(f"{count} cycles", before, daemon.settled(before))
    return expected


def at_once(daemon, report, body, count, expected):
    before = daemon.holds()
    for number in range(count):
        daemon.demand("POST", f"/many/{number}", body)
    for number in range(count):
        if digest(f"{daemon.root}/many/{number}") != expected:
            report.faults.append(f"mount {number} of many shows another tree")
    during = daemon.holds()
    print(f"{count} mounts at once: descriptors {during[0]}, threads {during[1]}, memory {during[2]:.0f} MiB")
    if count == 255:
        print("one more:", *daemon.ask("POST", "/many/more", body)[:2])
    for number in range(count):
        daemon.demand("DELETE", f"/many/{number}")
    if os.listdir(f"{daemon.root}/many"):
        report.faults.append("some of many are seen after their end")
    report.growth(f"{count} mounts at once, gone", before, daemon.settled(before))


def deletes(daemon, report, body, count):
    took, entries = [], 0
    for number in range(count):
        path = f"/large-{number}"
        daemon.demand("POST", path, body)
        entries = walk(daemon.root + path)
        took.append(daemon.demand("DELETE", path))
        if is_seen(daemon.root + path):
            report.faults.append(f"{path} is seen after its end")
    report.times(f"DELETE with {entries} entries cached", took)


def main():
    given = argparse.ArgumentParser(usage=__doc__)
    given.add_argument("--cycles", type=int, default=1000)
    given.add_argument("--at-once", type=int, default=250)
    given.add_argument("--deletes", type=int, default=10)
    given.add_argument("small")
    given.add_argument("small_blobs")
    given.add_argument("large")
    given.add_argument("large_blobs")
    given.add_argument("daemon", nargs=argparse.REMAINDER)
    given = given.parse_args()
    work, report = tempfile.mkdtemp(prefix="mounts-"), Report()
    daemon = Daemon(work, given.daemon)
    try:
        small = request(work, given.small, given.small_blobs)
        expected = cycles(daemon, report, small, given.cycles)
        at_once(daemon, report, small, given.at_once, expected)
        deletes(daemon, report, request(work, given.large, given.large_blobs), given.deletes)
    except OSError as error:
        report.faults.append(str(error))
    daemon.end()
    print(f"{len(report.faults)} faults {report.faults[:3]}")
    shutil.rmtree(work)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
