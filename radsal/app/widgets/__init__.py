"""Small parts that know no session: they are given values and say what was done to them.

Enters: plain values. Leaves: Qt signals. Why they exist: a panel is read as a list of parts, and a
part is tested without a case.
"""
