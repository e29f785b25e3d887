"""Whether there is a device to recognise on; asked before anything is loaded or launched."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_DRIVER = (12, 0)  # the CUDA version that a driver must support, for graphs as they are captured here
LEAST_CAPABILITY = (7, 0)  # Volta: the oldest that torch's present builds and 64-bit atomics both serve


class DeviceError(RuntimeError):
    """A device that was asked for is not there, or cannot be used; says what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What this machine has.

    Attributes:
        torch: is installed.
        built_for: CUDA version that torch was built for, "" for none.
        driver: CUDA version that the driver supports, (0, 0) for none.
        devices: that torch can use.
        capability: of the first device.
    """

    torch: bool
    built_for: str = ""
    driver: tuple[int, int] = (0, 0)
    devices: int = 0
    capability: tuple[int, int] = (0, 0)


def check(facts: Facts) -> None:
    """Hold a machine to what the executor needs.

    Raises:
        DeviceError: it has no driver, one that is too old, or no device of use.
    """
    if not facts.torch:
        raise DeviceError("--device cuda needs torch; install it with: pip install 'understudy[gpu]'")
    if not facts.built_for:
        raise DeviceError("--device cuda needs a torch built for CUDA, this one is for CPUs; install another build")
    if facts.driver == (0, 0):
        raise DeviceError("--device cuda needs a driver, and none answers; install one, or serve with --device cpu")
    if facts.driver < LEAST_DRIVER:
        raise DeviceError(
            f"the driver supports CUDA {_dotted(facts.driver)}, at least {_dotted(LEAST_DRIVER)} is needed; update it"
        )
    if not facts.devices:
        raise DeviceError(
            f"torch for CUDA {facts.built_for} finds no device under a driver for {_dotted(facts.driver)}; "
            "update the driver, or install a build of torch for it"
        )
    if facts.capability < LEAST_CAPABILITY:
        raise DeviceError(
            f"the device has compute capability {_dotted(facts.capability)}, at least {_dotted(LEAST_CAPABILITY)} "
            "is needed; serve with --device cpu"
        )


def look() -> Facts:
    """Ask torch and the driver, without starting anything on a device."""
    try:
        import torch
    except ModuleNotFoundError:
        return Facts(torch=False)
    driver = _driver_version()
    devices = torch.cuda.device_count() if driver != (0, 0) else 0
    capability = torch.cuda.get_device_capability(0) if devices else (0, 0)
    return Facts(True, torch.version.cuda or "", driver, devices, capability)


def _driver_version() -> tuple[int, int]:
    import ctypes

    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return (0, 0)
    version = ctypes.c_int()
    if library.cuDriverGetVersion(ctypes.byref(version)):
        return (0, 0)
    return version.value // 1000, version.value % 1000 // 10


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
