"""The workstation: the only code that knows Qt.

Enters: a :class:`~radsal.session.Session` and the use cases of ``workflow``. Leaves: what a reader
sees and does. Why it exists: everything below can run without a display.

``viewer`` and ``panels`` observe the session's models and never each other; ``widgets`` are parts
that know no session; ``theme`` is how all of it looks. Whatever is a use case leaves a view as a
Qt signal; whatever is only display sets one attribute of :class:`~radsal.session.View`.
"""

from radsal.app.workarounds import keep_none_alive

keep_none_alive()
