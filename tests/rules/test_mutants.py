"""Each committed fault still finds the words it breaks, and the test it names is there."""

import pytest

from tests.mutants import MUTANTS, ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.promise)
def test_a_fault_finds_its_words_and_its_test(mutant):
    file, _, test = mutant.test.partition("::")

    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.words) == 1
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8")
    assert mutant.words != mutant.instead
