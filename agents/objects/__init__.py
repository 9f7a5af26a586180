"""What a network namespace is made of, as frozen and comparable values.

`agents.plan` derives such values from a desired state, `agents.kernel` reads
them from the kernel; that both speak the same values is what makes "desired
minus observed" a set operation. Names stand for devices, never interface
indexes: an index means nothing before the device exists.

A field that is None says "no opinion" in a desired value; observed values are
complete. Belongs here: one module per kind of object, and what two of them
need to be compared. Does not belong here: deciding what should be there
(`agents.plan`), texts (`agents.render`), or bytes (`agents.kernel`).
"""
