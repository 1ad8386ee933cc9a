#!/usr/bin/env python3
"""One tree through several filesystems, in turns: how fast each is relative to the first. Needs root.

usage: compare.py [--rounds N] [--source DIR] [--small DIR] [--big FILE] BOOTSTRAP BLOB_DIR NAME=DAEMON ["NAME=DAEMON OPTION..."]...

Daemons mount the image with a cache that is full but for the rows "first"; with --source, the tree that the image was made
of, the kernel's EROFS and squashfuse mount it as well, where their tools are installed. --small and --big name the directory
of many small files and the large file in the tree. Caches of the kernel are dropped before each cold row. Cells are
medians [min-max] and, in brackets, the speed relative to the first daemon.
"""
import argparse, ctypes, os, random, shlex, shutil, statistics, subprocess, sys, tempfile, time

from start import configure, is_mounted, memory

PATIENCE = 60
RANDOM_SECONDS = 3
MIB = 1 << 20


class Daemon:
    """A daemon with one image; its cache stays from mount to mount until it is emptied."""

    def __init__(self, command, given, work):
        self.command, self.given, self.work = shlex.split(command), given, work
        self.mount_point = f"{work}/mnt"
        os.makedirs(self.mount_point)
        configure(work, os.path.abspath(given.blobs))

    def mount(self):
        with open(f"{self.work}/log", "w") as log:
            self.process = subprocess.Popen([*self.command, "--config", f"{self.work}/config.json", "--bootstrap", os.path.abspath(self.given.bootstrap), "--mountpoint", self.mount_point, "--apisock", f"{self.work}/api.sock", "--log-level", "warn"], stdout=log, stderr=log)
        begin = time.monotonic()
        while not is_mounted(self.mount_point):
            if self.process.poll() is not None or time.monotonic() - begin > PATIENCE:
                raise OSError(f"{self.command[0]} did not mount: {open(f'{self.work}/log').read()[-300:]}")
            time.sleep(0.01)
        os.stat(self.mount_point)

    def unmount(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        unmount(self.mount_point)

    def empty(self):
        shutil.rmtree(f"{self.work}/cache")
        os.mkdir(f"{self.work}/cache")


class Erofs:
    """The kernel's own, on a file and without a loop device."""

    def __init__(self, source, work):
        self.image, self.mount_point = f"{work}/erofs", f"{work}/mnt"
        os.makedirs(self.mount_point)
        subprocess.run(["mkfs.erofs", self.image, source], check=True, capture_output=True)

    def mount(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(self.image.encode(), self.mount_point.encode(), b"erofs", 1, None):
            raise OSError(f"mount(2) of a file as EROFS: {os.strerror(ctypes.get_errno())}")

    def unmount(self):
        unmount(self.mount_point)


class Squashfuse:
    def __init__(self, program, source, work):
        self.program, self.image, self.mount_point = program, f"{work}/squashfs", f"{work}/mnt"
        os.makedirs(self.mount_point)
        subprocess.run(["mksquashfs", source, self.image, "-noI", "-noD", "-noF", "-quiet"], check=True, capture_output=True)

    def mount(self):
        subprocess.run([self.program, self.image, self.mount_point], check=True)

    def unmount(self):
        unmount(self.mount_point)


def unmount(directory):
    if is_mounted(directory):
        subprocess.run(["umount", "-l", directory], check=True)


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def in_processes(count, work):
    """Runs {@code work(number)} at once in so many processes; seconds until the last has ended."""
    begin = time.monotonic()
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            work(number)
            os._exit(0)
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise OSError("a reader failed")
    return time.monotonic() - begin


def lstats(paths, jobs):
    return len(paths) / in_processes(jobs, lambda number: [os.lstat(p) for p in paths[number::jobs]])


def sequential(path):
    buffer, begin, size = bytearray(MIB), time.monotonic(), 0
    with open(path, "rb", buffering=0) as file:
        while read := file.readinto(buffer):
            size += read
    return size / 1e6 / (time.monotonic() - begin)


def random_reads(path, jobs):
    pages = os.path.getsize(path) // 4096
    counts = [os.pipe() for _ in range(jobs)]

    def read(number):
        chosen, end, count = random.Random(), time.monotonic() + RANDOM_SECONDS, 0
        file = os.open(path, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
        while time.monotonic() < end:
            os.pread(file, 4096, chosen.randrange(pages) * 4096)
            count += 1
        os.write(counts[number][1], str(count).encode())

    took = in_processes(jobs, read)
    return sum(int(os.read(pipe[0], 20)) for pipe in counts) / took


# Name, whether more is better, whether the kernel's caches are dropped before.
ROWS = [
    ("find -ls, cold, s", False, True, lambda small, big, paths: seconds(f"find {small} -ls")),
    ("find -ls, warm, s", False, False, lambda small, big, paths: seconds(f"find {small} -ls")),
    ("lstat, 4 jobs, cold, /s", True, True, lambda small, big, paths: lstats(paths, 4)),
    ("tar, cold, s", False, True, lambda small, big, paths: seconds(f"tar cf - -C {small} . | cat")),
    ("sequential, cold, MB/s", True, True, lambda small, big, paths: sequential(big)),
    ("sequential, warm, MB/s", True, False, lambda small, big, paths: sequential(big)),
    ("random 4 KiB, 1 job, cold, /s", True, True, lambda small, big, paths: random_reads(big, 1)),
    ("random 4 KiB, 4 jobs, cold, /s", True, True, lambda small, big, paths: random_reads(big, 4)),
]
FIRST_ROWS = [("first sequential, empty cache, s", False), ("first tar, empty cache, s", False)]
MEMORY_ROW = "VmRSS after it all, MiB"


def measure(target, small, big, rng, results):
    small, big = f"{target.mount_point}/{small}", f"{target.mount_point}/{big}"
    if isinstance(target, Daemon):
        target.empty()
        target.mount()
        drop_caches()
        results.setdefault(FIRST_ROWS[0][0], []).append(seconds(f"cat {shlex.quote(big)}"))
        results.setdefault(FIRST_ROWS[1][0], []).append(seconds(f"tar cf - -C {small} . | cat"))
        subprocess.run(["sync"], check=True)
    else:
        target.mount()
    try:
        paths = [os.path.join(at, name) for at, _, names in os.walk(small) for name in names]
        rng.shuffle(paths)
        for name, _, cold, run in ROWS:
            if cold:
                drop_caches()
            results.setdefault(name, []).append(run(small, big, paths))
        if isinstance(target, Daemon):
            results.setdefault(MEMORY_ROW, []).append(memory(target.process.pid)["VmRSS"])
    finally:
        target.unmount()


def targets(given, work):
    """What can be measured here, and what is left out and why."""
    found, left_out = {}, []
    for number, daemon in enumerate(given.daemons):
        name, _, command = daemon.partition("=")
        if shutil.which(shlex.split(command)[0]):
            found[name] = Daemon(command, given, f"{work}/{number}")
        else:
            left_out.append(f"{name}: {command} is not installed")
    peers = {"kernel EROFS": ("mkfs.erofs", lambda at: Erofs(given.source, at))}
    squashfuse = shutil.which("squashfuse_ll") or shutil.which("squashfuse") or "squashfuse"
    peers[os.path.basename(squashfuse)] = (squashfuse, lambda at: Squashfuse(squashfuse, given.source, at))
    for name, (program, make) in peers.items():
        if not given.source:
            left_out.append(f"{name}: no --source to make its image of")
        elif not shutil.which(program) or (name != "kernel EROFS" and not shutil.which("mksquashfs")):
            left_out.append(f"{name}: its tools are not installed")
        else:
            target = make(f"{work}/{name.replace(' ', '-')}")
            try:
                target.mount()
                target.unmount()
                found[name] = target
            except (OSError, subprocess.CalledProcessError) as failure:
                left_out.append(f"{name}: {failure}")
    return found, left_out


def table(results, names):
    more_is_better = dict(FIRST_ROWS) | {name: more for name, more, *_ in ROWS}
    print("| row | " + " | ".join(names) + " |")
    print("|" + "---|" * (len(names) + 1))
    for row in [*more_is_better, MEMORY_ROW]:
        base = results[names[0]][row]
        cells = []
        for name in names:
            values = results[name].get(row)
            cells.append(cell(values, base, more_is_better.get(row)) if values else "")
        print(f"| {row} | " + " | ".join(cells) + " |")


def cell(values, base, more_is_better):
    middle = statistics.median(values)
    digits = 2 if middle < 50 else 0
    text = f"{middle:,.{digits}f} [{min(values):,.{digits}f}-{max(values):,.{digits}f}]"
    if more_is_better is None:
        return text
    ratio = middle / statistics.median(base)
    return f"{text} ({ratio if more_is_better else 1 / ratio:.2f}x)"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--source")
    parser.add_argument("--small", default="small")
    parser.add_argument("--big", default="big")
    parser.add_argument("bootstrap")
    parser.add_argument("blobs")
    parser.add_argument("daemons", nargs="+")
    given = parser.parse_args()
    work = tempfile.mkdtemp(prefix="compare-")
    rng = random.Random(7)
    try:
        found, left_out = targets(given, work)
        if not found:
            sys.exit("nothing to measure: " + "; ".join(left_out))
        results = {name: {} for name in found}
        for turn in range(given.rounds):
            names = list(found)
            # So that nobody always comes after the same other.
            for name in names if turn % 2 == 0 else names[::-1]:
                measure(found[name], given.small, given.big, rng, results[name])
        table(results, list(found))
        for line in left_out:
            print(f"left out: {line}")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
