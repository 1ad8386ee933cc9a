"""Lets the independent builder make images of two trees: python3 - ORACLE ODD PLAIN TARGET [NAME...], which is read from standard input.

ODD is any tree; PLAIN one that a ustar archive can hold, for the images whose data is a tar.gz, and small, because the
builder's BLAKE3 is slow. Each image gets a folder in TARGET with its blobs under their ids and, where it is not in a blob,
its bootstrap `image.boot`. With names, only these images are made.
"""
import functools, gzip, hashlib, io, os, sys, tarfile

oracle, odd, plain, target = sys.argv[1:5]
sys.path.insert(0, oracle)
sys.setrecursionlimit(20000)
import codec, mkrafs
from rafs_v6 import V6

# The same chunks go into every image.
codec.crc32c = functools.cache(codec.crc32c)
BLAKE3, SHA256, CHUNK = 0, 1, 1 << 16


def save(name, boot, blobs):
    os.makedirs(f'{target}/{name}')
    for file, data in {'image.boot': boot, **blobs}.items():
        if data is not None:
            with open(f'{target}/{name}/{file}', 'wb') as out:
                out.write(data)


def v6(name, source, compressor, digester=SHA256, batch=0, toc=False, inline=False):
    boot, blob, _, _ = mkrafs.build_v6(source, compressor, digester, CHUNK, batch, toc, inline)
    own = V6(boot).blobs[0][0].rstrip(b'\0').decode()
    save(name, None if inline else boot, {'blob' if inline else own: blob})


def v5(name, source, compressor, digester=SHA256, aligned=False):
    boot, blob, _, _ = mkrafs.build_v5(source, compressor, digester, CHUNK, aligned)
    save(name, boot, {hashlib.sha256(blob).hexdigest(): blob})


def archive():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as tar:
        tar.add(plain, arcname='.')
    return out.getvalue()


def zran(name, toc):
    gz = gzip.compress(archive(), 6, mtime=0)
    boot, meta, _ = mkrafs.build_zran(gz, CHUNK, toc)
    save(name, boot, {hashlib.sha256(gz).hexdigest(): gz, V6(boot).blobs[0][15].hex(): meta})


def tarfs(name):
    tar = archive()
    boot, blob = mkrafs.build_tarfs(tar)
    save(name, boot, {blob: tar})


forms = {
    'v6-none': lambda n: v6(n, odd, codec.NONE),
    'v6-lz4': lambda n: v6(n, odd, codec.LZ4),
    'v6-zstd-toc': lambda n: v6(n, odd, codec.ZSTD, toc=True),
    'v6-zstd-batch': lambda n: v6(n, odd, codec.ZSTD, batch=1 << 15),
    'v6-lz4-inlined': lambda n: v6(n, odd, codec.LZ4, inline=True),
    'v6-zstd-inlined-toc': lambda n: v6(n, odd, codec.ZSTD, toc=True, inline=True),
    'v5-none': lambda n: v5(n, odd, codec.NONE),
    'v5-lz4': lambda n: v5(n, odd, codec.LZ4),
    'v5-zstd-aligned': lambda n: v5(n, odd, codec.ZSTD, aligned=True),
    'plain-v6-blake3': lambda n: v6(n, plain, codec.ZSTD, BLAKE3),
    'plain-v5-blake3': lambda n: v5(n, plain, codec.LZ4, BLAKE3),
    'plain-zran': lambda n: zran(n, False),
    'plain-zran-toc': lambda n: zran(n, True),
    'tarfs': tarfs,
}
for name in sys.argv[5:] or forms:
    forms[name](name)
