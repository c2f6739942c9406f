"""The main window: it arranges the views, makes menus from the action table, and owns the dialogs.

Enters: a :class:`~radsal.app.actions.workstation.Workstation`. Leaves: nothing; it calls actions.
Why it exists: views emit what was asked for and observe the session; somebody has to join them,
and it is only done here.
"""
