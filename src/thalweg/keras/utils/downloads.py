"""Files from elsewhere: found on this machine, or fetched once, checked and kept. Archives are unpacked within their folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from typing import Any

from thalweg.keras.utils.files import written_whole
from thalweg.keras.utils.messages import print_msg
from thalweg.keras.utils.progbar import Progbar

#: The environment variable that names a folder with files that need not be fetched.
DATA_DIR = "THALWEG_DATA_DIR"
_SECONDS_TO_WAIT = 30
_BLOCK = 2**18
# An archive may hold this much, and its members may grow by this factor when they are unpacked.
_ARCHIVE_LIMIT, _EXPANSION_LIMIT, _SMALL = 2**38, 1000, 2**26


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path to a file, which is downloaded from `origin` unless it is here already.

    It is looked for in the folder that THALWEG_DATA_DIR names, then in `cache_dir` (`~/.keras`, or KERAS_HOME) under
    `cache_subdir`, which is where it is kept. file_hash: SHA-256 or MD5, checked wherever the file comes from. extract:
    unpack a tar or zip archive and give the path of the folder; members that would lie outside it are refused.
    Raises ConnectionError when it cannot be fetched, ValueError when it is not the expected file.
    Source: `tf.keras.utils.get_file`.
    """
    if origin is None:
        raise ValueError('Please specify the "origin" argument (URL of the file to download).')
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    given = None if fname is None else os.fspath(fname)
    name = given or os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name or os.sep in name or name in (".", ".."):
        raise ValueError(
            f"`fname` must be the name of a file, without folders, but it is {name!r}: name the folder with `cache_dir` or "
            "`cache_subdir`."
        )
    folder = os.path.join(_cache(cache_dir), cache_subdir)
    os.makedirs(folder, exist_ok=True)
    unpack = extract or untar
    kept_as, unpacked_as = _names(name, given is not None) if unpack else (name, "")
    found = None
    if not force_download:
        names = (kept_as, name, os.path.basename(urllib.parse.urlsplit(origin).path))
        found = _found([*dict.fromkeys(names)], folder, cache_subdir)
    path = found or os.path.join(folder, kept_as)
    if found is not None and file_hash is not None and not validate_file(found, file_hash, hash_algorithm):
        print_msg(f"The file {found} is not the expected one (its hash differs): it is fetched again.")
        path, found = os.path.join(folder, kept_as), None
    if found is None:
        _download(origin, path, file_hash, hash_algorithm)
    if not unpack:
        return path
    target = os.path.join(folder, unpacked_as)
    is_new = force_download or found is None or not os.path.isdir(target)
    if is_new and not extract_archive(path, target, "tar" if untar else archive_format):
        raise ValueError(f"{path!r} is no archive that can be unpacked (tar or zip).")
    return target


def _names(name: str, was_given: bool) -> tuple[str, str]:
    """What an archive is kept as, and the folder it is unpacked to, as Keras names them."""
    if was_given and "." in name:
        return name, f"{name[: name.find('.')]}_extracted"
    return f"{name}_archive", name


def _cache(cache_dir: Any) -> str:
    if cache_dir is not None:
        return os.path.expanduser(os.fspath(cache_dir))
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        os.makedirs(home, exist_ok=True)
        if os.access(home, os.W_OK):
            return home
    except OSError:
        pass
    return os.path.join(tempfile.gettempdir(), ".keras")


def _found(names: list[str], folder: str, subdir: str) -> str | None:
    given = os.environ.get(DATA_DIR)
    places = ([given, os.path.join(given, subdir)] if given else []) + [folder]
    candidates = (os.path.join(place, name) for place in places for name in names)
    return next((path for path in candidates if os.path.isfile(path)), None)


def _download(origin: str, path: str, file_hash: str | None, algorithm: str) -> None:
    print_msg(f"Downloading data from {origin}")
    try:
        with urllib.request.urlopen(origin, timeout=_SECONDS_TO_WAIT) as answer, written_whole(path) as temporary:
            _copy(answer, temporary)
            if file_hash is not None and not validate_file(temporary, file_hash, algorithm):
                raise ValueError(
                    f"What {origin} gave is not the expected file: its hash is not {file_hash}. The transfer was cut off, or "
                    "the file there is another one."
                )
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise ConnectionError(
            f"URL fetch failure on {origin}: {reason}. Put the file into {os.path.dirname(path)!r} as "
            f"{os.path.basename(path)!r}, or name a folder that holds it in the environment variable {DATA_DIR}."
        ) from None


def _copy(answer: Any, path: str) -> None:
    total = answer.headers.get("Content-Length") if hasattr(answer, "headers") else None
    bar = Progbar(int(total) if total else None, unit_name="byte") if answer.url.startswith("http") else None
    done = 0
    with open(path, "wb") as file:
        while block := answer.read(_BLOCK):
            file.write(block)
            done += len(block)
            if bar is not None:
                bar.update(done)


def validate_file(fpath: Any, file_hash: str, algorithm: str = "auto", chunk_size: int = 65535) -> bool:
    """Whether a file has a hash: SHA-256 ('sha256', or 64 digits under 'auto'), else MD5."""
    hasher = hashlib.sha256() if algorithm == "sha256" or (algorithm == "auto" and len(file_hash) == 64) else hashlib.md5()
    with open(fpath, "rb") as file:
        while block := file.read(chunk_size):
            hasher.update(block)
    return hasher.hexdigest() == str(file_hash)


# -- archives ------------------------------------------------------------------------------------------------------


def extract_archive(file_path: Any, path: Any = ".", archive_format: Any = "auto") -> bool:
    """Unpack a tar or zip archive into a folder, all of it or nothing; whether it was one.

    Raises ValueError for members that would lie outside the folder, for links and devices, and for sizes that are not what
    is stored.
    """
    wanted = ["tar", "zip"] if archive_format == "auto" else [archive_format] if isinstance(archive_format, str) else archive_format
    target = os.path.abspath(os.fspath(path))
    for kind in wanted or ():
        if kind not in ("tar", "zip"):
            raise NotImplementedError(f"Archives of the format {kind!r} are not unpacked: 'tar' and 'zip' are.")
        if (tarfile.is_tarfile if kind == "tar" else zipfile.is_zipfile)(file_path):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with tempfile.TemporaryDirectory(dir=os.path.dirname(target)) as temporary:
                (_untar if kind == "tar" else _unzip)(file_path, temporary)
                _move(temporary, target)
            return True
    return False


def _untar(path: Any, folder: str) -> None:
    size = os.path.getsize(path)
    with tarfile.open(path) as archive:
        total = 0
        for member in archive:
            total += member.size
            if not (member.isfile() or member.isdir()):
                raise ValueError(f"The archive {path!r} holds {member.name!r}, which is neither file nor folder: it is refused.")
            _check_place(member.name, folder, path)
            _check_size(total, size, path)
            archive.extract(member, folder, filter="data")


def _unzip(path: Any, folder: str) -> None:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if (info.external_attr >> 28) == 0xA:
                raise ValueError(f"The archive {path!r} holds a link, {info.filename!r}: it is refused.")
            _check_place(info.filename, folder, path)
        _check_size(sum(info.file_size for info in archive.infolist()), os.path.getsize(path), path)
        archive.extractall(folder)


def _check_place(name: str, folder: str, path: Any) -> None:
    inside = os.path.realpath(os.path.join(folder, name))
    if os.path.isabs(name) or "\\" in name or os.path.commonpath([inside, os.path.realpath(folder)]) != os.path.realpath(folder):
        raise ValueError(f"The archive {os.fspath(path)!r} holds {name!r}, which would lie outside its folder: it is refused.")


def _check_size(total: int, stored: int, path: Any) -> None:
    if total > _ARCHIVE_LIMIT or (total > _SMALL and total > _EXPANSION_LIMIT * stored):
        raise ValueError(f"The archive {os.fspath(path)!r} of {stored} bytes claims to hold {total}: it is refused.")


def _move(source: str, target: str) -> None:
    """Put what was unpacked where it belongs; files that are there are replaced."""
    if not os.path.exists(target):
        os.makedirs(target)
    for folder, _, names in os.walk(source):
        inner = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(inner, exist_ok=True)
        for name in names:
            shutil.move(os.path.join(folder, name), os.path.join(inner, name))
