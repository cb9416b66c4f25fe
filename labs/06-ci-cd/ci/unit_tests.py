"""Step: run the unit tests in `unit/`. Ends with 1 when one fails, or when there is none."""

import sys
import unittest

sys.path.insert(0, ".")

from cloud import end

suite = unittest.defaultTestLoader.discover("unit", pattern="check_*.py")
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=0).run(suite)
failed = [str(case) for case, _ in [*result.failures, *result.errors]]
end("unit_tests", failed if result.testsRun else ["no unit test was found"])
