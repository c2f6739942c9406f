"""Long work off the GUI thread.

Enters: a function or a generator of ``workflow``. Leaves: calls of the handlers given with it, in
the GUI thread: events as they come, then exactly one of success, failure, cancel. Why it exists:
no view ever waits, and nobody forgets one of the three ends.
"""

from radsal.app.tasks.lane import Handlers, Lane, Priority, Task

__all__ = ["Handlers", "Lane", "Priority", "Task"]
