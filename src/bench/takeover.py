#!/usr/bin/env python3
"""A mount under eight readers that compare every byte and every listing, whose daemon is killed and upgraded again and again. Needs root.

usage: takeover.py [--with supervisor|standby|supervise|supervise-standby] [--kills N] [--upgrades N] [--peer NYDUSD] [--seconds S]
                   BOOTSTRAP BLOB_DIR DAEMON [OPTION...]

What follows a daemon that is killed: by default another, started then, which is told to take over by a supervisor in
nydus-snapshotter's order; with "standby" a second process that waits; with "supervise" whatever rafsd supervise starts.
Upgrades are always done in nydus-snapshotter's order, with --peer to that nydusd and back. Prints the longest that a reader
waited, how soon a new daemon answers INIT, and what went wrong; ends with 1 if anything did.
"""
import argparse, array, hashlib, os, random, shutil, socket, statistics, struct, subprocess, sys, tempfile, threading, time

from start import configure, is_mounted

READERS = 8
PATIENCE = 60


class Supervisor:
    """One connection for each state that goes either way; the end of the stream is the end of the state."""

    def __init__(self, path):
        self.path, self.state, self.device = path, b"", -1

    def _serve(self, work):
        if os.path.exists(self.path):
            os.remove(self.path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(1)
        listener.settimeout(PATIENCE)

        def accept():
            with listener, listener.accept()[0] as client:
                work(client)

        thread = threading.Thread(target=accept)
        thread.start()
        return thread

    def receive(self):
        def work(client):
            state, device = b"", -1
            while True:
                piece, passed, _, _ = client.recvmsg(1 << 18, socket.CMSG_SPACE(16))
                for _, _, numbers in passed:
                    device = array.array("i", numbers[:4])[0]
                if not piece:
                    break
                state += piece
            if self.device >= 0:
                os.close(self.device)
            self.state, self.device = state, device

        return self._serve(work)

    def give(self):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [self.device]))]
        return self._serve(lambda client: client.sendmsg([self.state], rights))

    def save(self, api):
        waiting = self.receive()
        demand(api, "/fuse/sendfd")
        waiting.join()

    def take_over(self, api):
        waiting = self.give()
        demand(api, "/fuse/takeover")
        waiting.join()


class Readers:
    def __init__(self, top):
        self.top, self.stop, self.errors, self.reads = top, False, [], 0
        self.longest = [0.0] * READERS
        self.tree = {at: sorted(directories + names) for at, directories, names in os.walk(top)}
        self.digests = {path: self.digest(path) for path in self.files()}
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(READERS)]
        for thread in self.threads:
            thread.start()

    def files(self):
        found = [os.path.join(at, name) for at, _, names in os.walk(self.top) for name in names]
        return [path for path in found if os.path.isfile(path) and not os.path.islink(path)]

    def digest(self, path):
        with open(path, "rb", buffering=0) as file:
            # The kernel's copy would hide the daemon.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return hashlib.file_digest(file, "sha1").digest()

    def run(self, number):
        chosen, paths, walk = random.Random(number), list(self.digests), iter(())
        while not self.stop:
            path = chosen.choice(paths)
            at = next(walk, None)
            if at is None:
                walk = iter(list(self.tree))
                at = next(walk)
            begin = time.monotonic()
            try:
                if sorted(os.listdir(at)) != self.tree[at]:
                    self.errors.append(f"wrong listing of {at}")
                if self.digest(path) != self.digests[path]:
                    self.errors.append(f"wrong bytes in {path}")
            except OSError as error:
                self.errors.append(str(error))
            self.longest[number] = max(self.longest[number], time.monotonic() - begin)
            self.reads += 1

    def pause(self):
        longest, self.longest = max(self.longest), [0.0] * READERS
        return longest

    def end(self):
        self.stop = True
        for thread in self.threads:
            thread.join(PATIENCE)
        if any(thread.is_alive() for thread in self.threads):
            self.errors.append("a reader never got its answer")
        elif set(self.files()) != set(self.digests):
            self.errors.append("the tree is another")


def ask(api, method, path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(api)
        client.sendall(f"{method} /api/v1/daemon{path} HTTP/1.1\r\nHost: unix\r\nConnection: close\r\n\r\n".encode())
        head, _, body = client.recv(1 << 16).partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body.decode()


def demand(api, path):
    status, body = ask(api, "PUT", path)
    if status != 204:
        raise OSError(f"{path}: {status} {body}")


def server(api):
    """The process that answers there."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(api)
        return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def await_that(what, condition):
    begin = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - begin
        except OSError:
            pass
        if time.monotonic() - begin > PATIENCE:
            raise OSError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.005)


def await_state(api, wanted):
    return await_that(f"a daemon that is {wanted}", lambda: f'"state":"{wanted}"' in ask(api, "GET", "")[1])


def await_standby(api):
    """Until a standby could go on: as a keeper that speaks the protocol's first version."""
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.settimeout(PATIENCE)
        daemon.connect(api + ".standby")
        hello = struct.pack("<4HBB", 1, 1, 1, 1, 2, 5) + b"bench"
        daemon.sendall(struct.pack("<IHH", len(hello), 1, 0) + hello)
        while True:
            head, passed, _, _ = daemon.recvmsg(8, socket.CMSG_SPACE(16), socket.MSG_WAITALL)
            for _, _, numbers in passed:
                os.close(array.array("i", numbers[:4])[0])
            length, kind, _ = struct.unpack("<IHH", head)
            body = daemon.recv(length, socket.MSG_WAITALL) if length else b""
            if kind == 4 and struct.unpack("<I", body)[0] > 0:
                return


def main():
    given = argparse.ArgumentParser(usage=__doc__)
    given.add_argument("--with", dest="kind", default="supervisor", choices=["supervisor", "standby", "supervise", "supervise-standby"])
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--upgrades", type=int, default=20)
    given.add_argument("--peer")
    given.add_argument("--seconds", type=float, default=600)
    given.add_argument("bootstrap")
    given.add_argument("blobs")
    given.add_argument("daemon", nargs=argparse.REMAINDER)
    given = given.parse_args()
    work = tempfile.mkdtemp(prefix="takeover-")
    mount, sockets = f"{work}/mnt", [f"{work}/a.sock", f"{work}/b.sock"]
    os.mkdir(mount)
    configure(work, os.path.abspath(given.blobs))
    supervisor = Supervisor(f"{work}/supervisor.sock")
    log = open(f"{work}/log", "w")
    options = ["--config", f"{work}/config.json", "--bootstrap", os.path.abspath(given.bootstrap), "--mountpoint", mount]
    program, own = given.daemon[0], given.daemon[1:]
    rafsd = os.path.join(os.path.dirname(program), "rafsd")

    def run(*command):
        return subprocess.Popen(command, stdout=log, stderr=log)

    def spawn(api, *more, by=None):
        command = [by or program, *([] if by else own), *options, "--apisock", api, *more]
        return run(*command, "--rlimit-nofile", "0", "--id", "takeover", "--supervisor", supervisor.path)

    api, other = sockets
    standby = None
    figures = {name: [] for name in ("pause after a kill", "serves after a kill", "INIT after a kill", "pause of an upgrade", "INIT of an upgrade")}

    def start():
        if given.kind == "supervisor":
            return spawn(api)
        if given.kind == "standby":
            return run(program, *own, *options, "--apisock", api)
        also = ["--standby"] if given.kind == "supervise-standby" else []
        return run(rafsd, "supervise", *also, "--", program, *own, *options, "--apisock", api)

    def stand_by():
        process = run(rafsd, "standby", *own, *options, "--apisock", api) if given.kind == "standby" else None
        if given.kind.endswith("standby"):
            await_standby(api)
        return process

    def fail_over(serving, standby):
        victim = server(api)
        os.kill(victim, 9)
        if given.kind == "supervisor":
            serving.wait()
            serving = spawn(api)
            figures["INIT after a kill"].append(await_state(api, "INIT"))
            supervisor.take_over(api)
            demand(api, "/start")
        elif given.kind == "standby":
            serving.wait()
            serving = standby
        figures["serves after a kill"].append(await_that("another daemon", lambda: server(api) != victim))
        await_state(api, "RUNNING")
        return serving

    serving = start()
    await_state(api, "RUNNING")
    standby = stand_by()
    if given.kind == "supervisor":
        supervisor.save(api)
    readers, end = Readers(mount), time.monotonic() + given.seconds
    try:
        while len(figures["pause after a kill"]) < given.kills and time.monotonic() < end:
            time.sleep(random.random() / 3)
            readers.pause()
            serving = fail_over(serving, standby)
            time.sleep(0.3)
            figures["pause after a kill"].append(readers.pause())
            standby = stand_by()
            if given.kind == "supervisor":
                supervisor.save(api)
        while given.kind == "supervisor" and len(figures["pause of an upgrade"]) < given.upgrades and time.monotonic() < end:
            time.sleep(random.random() / 3)
            readers.pause()
            peers_turn = given.peer and len(figures["pause of an upgrade"]) % 2 == 0
            next_one = spawn(other, "--upgrade", by=given.peer if peers_turn else None)
            took = await_state(other, "INIT")
            if not peers_turn:
                figures["INIT of an upgrade"].append(took)
            supervisor.take_over(other)
            demand(api, "/exit")
            serving.wait(PATIENCE)
            demand(other, "/start")
            time.sleep(0.3)
            figures["pause of an upgrade"].append(readers.pause())
            serving, api, other = next_one, other, api
            supervisor.save(api)
    except (OSError, subprocess.TimeoutExpired) as error:
        readers.errors.append(str(error))
    readers.end()
    for name, seconds in figures.items():
        if seconds:
            print(f"{name}: {len(seconds)} times, median {statistics.median(seconds):.3f} s, worst {max(seconds):.3f} s")
    print(f"{readers.reads} reads, {len(readers.errors)} errors {readers.errors[:3]}")
    if readers.errors:
        shutil.copy(f"{work}/log", "/tmp/takeover.log")
    serving.terminate()
    for process in (serving, standby):
        if process:
            process.wait(PATIENCE)
    if is_mounted(mount):
        subprocess.run(["umount", "-l", mount])
    shutil.rmtree(work)
    return 1 if readers.errors else 0


if __name__ == "__main__":
    sys.exit(main())
