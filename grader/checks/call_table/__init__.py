"""Tables of calls in a report: what is right in them, and what explains what is wrong.

`table` says which calls are counted in which row, `by_kind` the same for rows by kind of descriptor.
`column` makes a check of one column; its explanations, from the most specific to the most general, are in
`explain` and `explain_kinds`.
"""
