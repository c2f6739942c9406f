"""What a user can do, and the table of it.

Enters: a gesture of the window. Leaves: changes of the session, through the use cases of
``workflow``. Why it exists: a menu, a key, a button and a test all do the same thing by the same
function, and what can be done is one table (:mod:`radsal.app.actions.table`), from which menus,
the toolbar, the shortcut sheet and the README's key table are made.
"""
