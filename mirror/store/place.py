"""Where sealed sessions lie: a folder of this machine, or any URL that fsspec reaches (``s3://bucket/prefix``).

Names are relative, with slashes. What is written appears whole or not at all, and once a call returns it lasts.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from mirror.durable import sync_folder
from mirror.errors import StoreError

_PART = ".part"  # suffix of a local file that is not whole yet
_BLOCK = 2**20


class Place(Protocol):
    """Named bytes. Every method may raise OSError; what is absent is FileNotFoundError."""

    @property
    def location(self) -> str:
        """As the user gave it."""
        ...

    def read(self, name: str) -> bytes:
        """All bytes of a name."""
        ...

    def create(self, name: str, data: bytes) -> None:
        """Write a name that must not exist yet; FileExistsError when another was quicker."""
        ...

    def put(self, name: str, source: Path) -> None:
        """Copy a file of this machine to a name, over what stood there."""
        ...

    def get(self, name: str, target: Path) -> None:
        """Copy a name to a file of this machine."""
        ...

    def sha256(self, name: str) -> str:
        """Of the bytes of a name, in hexadecimal; they are never all in memory."""
        ...

    def names(self, folder: str) -> list[str]:
        """What lies directly in a folder, files and folders by their own names, sorted; empty when there is none."""
        ...

    def holders(self, folder: str, name: str) -> list[str]:
        """The folders that lie directly in a folder and directly hold a file of that name, sorted."""
        ...

    def remove(self, folder: str) -> None:
        """Remove a file, or a folder with all that is in it; what is absent stays absent."""
        ...


def open_place(location: str | Path) -> Place:
    """The place at a path or URL.

    Raises:
        StoreError: nothing here speaks that URL's scheme, or its address makes no sense.
    """
    return Remote(str(location)) if is_remote(location) else Folder(Path(location))


def is_remote(location: str | Path) -> bool:
    """True for a URL; ``file://`` is one as well."""
    return "://" in str(location)


def is_same(folder: Path, place: Place) -> bool:
    """True when a place is that folder."""
    return isinstance(place, Folder) and place.root.resolve() == folder.resolve()


class Folder:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.location = str(root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def create(self, name: str, data: bytes) -> None:
        part = self._part(name)
        try:
            with part.open("wb") as file:
                file.write(data)
                _last(file)
            os.link(part, self.root / name)  # unlike a rename it refuses to replace
            sync_folder(part.parent)
        finally:
            part.unlink(missing_ok=True)

    def put(self, name: str, source: Path) -> None:
        part = self._part(name)
        try:
            with source.open("rb") as given, part.open("wb") as file:
                shutil.copyfileobj(given, file, _BLOCK)
                _last(file)
            part.replace(self.root / name)
            sync_folder(part.parent)
        finally:
            part.unlink(missing_ok=True)

    def get(self, name: str, target: Path) -> None:
        shutil.copyfile(self.root / name, target)

    def sha256(self, name: str) -> str:
        with (self.root / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.root / folder) if not name.endswith(_PART))
        except FileNotFoundError:
            return []

    def holders(self, folder: str, name: str) -> list[str]:
        return [found for found in self.names(folder) if (self.root / folder / found / name).exists()]

    def remove(self, folder: str) -> None:
        path = self.root / folder
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            sync_folder(path.parent)

    def _part(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path.with_name(f"{path.name}.{os.getpid()}{_PART}")


class Remote:
    """A URL.

    Raises:
        StoreError: nothing here speaks its scheme, or its address makes no sense.
    """

    def __init__(self, url: str) -> None:
        self.location = url
        try:
            from fsspec.core import url_to_fs  # type: ignore[import-untyped, unused-ignore]

            # Listings are asked for anew: another process may write to the same place.
            options = {"use_listings_cache": False}
            self._files, self._root = url_to_fs(url, **options)
        except (ImportError, ValueError) as error:
            what = f"no file system for this address ({error}); `pip install understudy[scale]` brings that of S3"
            raise StoreError(url, what) from None

    def read(self, name: str) -> bytes:
        with self._speaking():
            return bytes(self._files.cat_file(self._path(name)))

    def create(self, name: str, data: bytes) -> None:
        with self._speaking():
            self._files.pipe_file(self._path(name), data, mode="create")

    def put(self, name: str, source: Path) -> None:
        with self._speaking():
            self._files.put_file(str(source), self._path(name))

    def get(self, name: str, target: Path) -> None:
        with self._speaking():
            self._files.get_file(self._path(name), str(target))

    def sha256(self, name: str) -> str:
        state = hashlib.sha256()
        with self._speaking(), self._files.open(self._path(name), "rb") as file:
            while data := file.read(_BLOCK):
                state.update(data)
        return state.hexdigest()

    def names(self, folder: str) -> list[str]:
        with self._speaking():
            try:
                found = self._files.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
            return sorted({str(path).rstrip("/").rpartition("/")[2] for path in found})

    def holders(self, folder: str, name: str) -> list[str]:
        with self._speaking():
            paths = [str(path).split("/") for path in self._files.find(self._path(folder))]
        return sorted(parts[-2] for parts in paths if parts[-1] == name and parts[-3] == folder.rpartition("/")[2])

    def remove(self, folder: str) -> None:
        with self._speaking(), contextlib.suppress(FileNotFoundError):
            self._files.rm(self._path(folder), recursive=True)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Each file system has errors of its own; here they are all OSError."""
        try:
            yield
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{self.location}: {type(error).__name__}: {error}") from error


def _last(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
