"""The process sandbox keeps the contract, with the gaps that come from having no isolation."""

from __future__ import annotations

import pytest

from grader.sandbox.process import ProcessSandbox
from tests.sandbox.contract import SandboxContract

NOT_ISOLATED = {
    "memory_of_all_processes_counts_together": "a limit of memory holds for each process",
    "fork_bomb_is_contained": "RLIMIT_NPROC would count all processes of the user",
    "disk_limit_acts": "one file is limited, the sum of many is not",
    "no_network": "local processes share the network of the machine",
    "cannot_read_the_host": "local processes read what this user can read",
    "cannot_write_outside_its_folders": "local processes write where this user can write",
    "hostname_says_nothing": "local processes share the name of the machine",
    "two_boxes_do_not_see_each_other": "local processes run as the same user on the same system",
}


class ProcessContract(SandboxContract):
    KEPT = True

    @pytest.fixture
    def sandbox(self, tmp_path_factory):
        self.root = tmp_path_factory.mktemp("boxes")
        with ProcessSandbox(root=self.root, kept=self.KEPT) as sandbox:
            yield sandbox

    @pytest.fixture
    def supervisor(self, sandbox):
        return (
            "from pathlib import Path\n"
            "from grader.sandbox.process import ProcessSandbox\n"
            f"sandbox = ProcessSandbox(root=Path({str(self.root)!r}), kept={self.KEPT})\n"
        )

    def leftovers(self, sandbox):
        from grader.sandbox import keeper

        folders = {str(p) for p in self.root.glob("*/*") if p.name != "lock"}
        return folders | {f"process {pid}" for pid in keeper.dwellers(str(self.root))}


class TestKept(ProcessContract):
    KNOWN_GAPS = NOT_ISOLATED


UNLIMITED = {
    "memory_limit_is_named": "without a keeper nobody sets the limit",
    "memory_limit_acts_in_a_child": "without a keeper nobody sets the limit",
    "a_huge_file_is_stopped": "without a keeper nobody sets the limit",
}


class TestPlain(ProcessContract):
    """Without a keeper, as on Windows."""

    KEPT = False
    KNOWN_GAPS = NOT_ISOLATED | UNLIMITED
