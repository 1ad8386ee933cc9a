#!/usr/bin/env python3
"""A mount under eight readers that compare every byte, whose daemon is killed and upgraded again and again. Needs root.

usage: takeover.py [--kills N] [--upgrades N] [--seconds S] BOOTSTRAP BLOB_DIR DAEMON [OPTION...]

Plays the supervisor: keeps state and descriptor, and hands them to the next daemon in nydus-snapshotter's order. Prints the
longest that a reader waited, how soon a new daemon answers INIT, and what went wrong; ends with 1 if anything did.
"""
import argparse, array, hashlib, json, os, random, shutil, socket, statistics, subprocess, sys, tempfile, threading, time

from start import configure, is_mounted

READERS = 8
PATIENCE = 30


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


class Readers:
    def __init__(self, top):
        self.top, self.stop, self.errors, self.reads = top, False, [], 0
        self.longest = [0.0] * READERS
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
        chosen, paths = random.Random(number), list(self.digests)
        while not self.stop:
            path, begin = chosen.choice(paths), time.monotonic()
            try:
                os.listdir(os.path.dirname(path))
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
        if set(self.files()) != set(self.digests):
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


def await_state(api, wanted):
    begin = time.monotonic()
    while True:
        try:
            if f'"state":"{wanted}"' in ask(api, "GET", "")[1]:
                return time.monotonic() - begin
        except OSError:
            pass
        if time.monotonic() - begin > PATIENCE:
            raise OSError(f"no daemon is {wanted}")
        time.sleep(0.005)


def main():
    given = argparse.ArgumentParser(usage=__doc__)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--upgrades", type=int, default=20)
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

    def spawn(api, *more):
        return subprocess.Popen([*given.daemon, "--config", f"{work}/config.json", "--bootstrap", os.path.abspath(given.bootstrap), "--mountpoint", mount, "--apisock", api, "--id", "takeover", "--supervisor", supervisor.path, *more], stdout=log, stderr=log)

    def save(api):
        waiting = supervisor.receive()
        demand(api, "/fuse/sendfd")
        waiting.join()

    def take_over(api):
        waiting = supervisor.give()
        demand(api, "/fuse/takeover")
        waiting.join()

    api, other = sockets
    serving = spawn(api)
    await_state(api, "RUNNING")
    save(api)
    readers, end = Readers(mount), time.monotonic() + given.seconds
    figures = {"pause after a kill": [], "INIT after a kill": [], "pause of an upgrade": [], "INIT of an upgrade": []}
    try:
        while len(figures["pause after a kill"]) < given.kills and time.monotonic() < end:
            time.sleep(random.random() / 3)
            readers.pause()
            serving.kill()
            serving.wait()
            serving = spawn(api)
            figures["INIT after a kill"].append(await_state(api, "INIT"))
            take_over(api)
            demand(api, "/start")
            time.sleep(0.3)
            figures["pause after a kill"].append(readers.pause())
            save(api)
        while len(figures["pause of an upgrade"]) < given.upgrades and time.monotonic() < end:
            time.sleep(random.random() / 3)
            readers.pause()
            next_one = spawn(other, "--upgrade")
            figures["INIT of an upgrade"].append(await_state(other, "INIT"))
            take_over(other)
            demand(api, "/exit")
            serving.wait(PATIENCE)
            demand(other, "/start")
            time.sleep(0.3)
            figures["pause of an upgrade"].append(readers.pause())
            serving, api, other = next_one, other, api
            save(api)
    except OSError as error:
        readers.errors.append(str(error))
    readers.end()
    for name, seconds in figures.items():
        if seconds:
            print(f"{name}: {len(seconds)} times, median {statistics.median(seconds):.3f} s, worst {max(seconds):.3f} s")
    print(f"{readers.reads} reads, {len(readers.errors)} errors {readers.errors[:3]}")
    serving.terminate()
    serving.wait(PATIENCE)
    if is_mounted(mount):
        subprocess.run(["umount", "-l", mount])
    shutil.rmtree(work)
    return 1 if readers.errors else 0


if __name__ == "__main__":
    sys.exit(main())
