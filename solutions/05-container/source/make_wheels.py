"""Fills the folder wheels/: what the image installs, so that its build needs no network.

    python make_wheels.py

Kopi Lestari's own package, kopi-calendar, is packed here; everything else comes from where your pip
gets its packages, in the versions of requirements.txt, for the image's Python and system.
"""

import io
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CALENDAR = '''"""The days on which Kopi Lestari sells more: the same list in training and in serving."""

from datetime import date

HOLIDAYS = {{{days}}}


def is_holiday(day):
    """Whether a day is one of the list."""
    return day in HOLIDAYS
'''
DAYS = ("2026-03-20", "2026-05-01", "2026-08-17", "2026-12-25")


def calendar_wheel(version: str = "1.2.0", days: tuple[str, ...] = DAYS) -> tuple[str, bytes]:
    """Return (file name, content) of a wheel of kopi-calendar: the same bytes every time."""
    name = f"kopi_calendar-{version}"
    listed = ", ".join(f'date.fromisoformat("{day}")' for day in days)
    files = {
        "kopi_calendar.py": CALENDAR.format(days=listed),
        f"{name}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: kopi-calendar\nVersion: {version}\n"
        ),
        f"{name}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: kopi\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = f"{name}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return f"{name}-py3-none-any.whl", packed.getvalue()


def main() -> int:
    """Fill the folder."""
    wheels = HERE / "wheels"
    wheels.mkdir(exist_ok=True)
    name, content = calendar_wheel()
    (wheels / name).write_bytes(content)
    machine = "aarch64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    words = ["download", "--only-binary=:all:", "--no-deps", "--python-version", "3.11"]
    words += ["--platform", f"manylinux2014_{machine}", "--platform", f"manylinux_2_17_{machine}"]
    words += ["-r", str(HERE / "requirements.txt"), "-d", str(wheels), "--find-links", str(wheels)]
    return subprocess.run([sys.executable, "-m", "pip", *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
