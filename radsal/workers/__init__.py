"""Run a function in another process, with limits, timeout, cancel and restart.

Enters: the name of a function (``"package.module:function"``) and arguments that can be pickled.
Leaves: what the function yields and returns, or one of the errors of :mod:`radsal.core.errors`.

Why it exists: public image files abort the process inside C decoders, which no ``except``
catches; importing torch takes seconds and holds the interpreter lock. A process can be limited,
cancelled, killed and started again without the window noticing. The package knows no domain.

Large results are copied once, out of the worker's memory, where the system allows that.

The target is resolved in the worker only: the caller never imports what it calls.
"""

from radsal.workers.worker import Worker

__all__ = ["Worker"]
