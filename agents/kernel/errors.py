"""What can go wrong below the door, as one hierarchy."""


class KernelError(Exception):
    """The kernel, or a tool that speaks to it, refused or failed."""


class NamespaceMissing(KernelError):
    """A namespace that should be pinned is not: its runtime has not prepared the host."""


class ToolMissing(KernelError):
    """A program of the distribution is not installed; ``vnetlab doctor`` names the package."""


class ToolFailed(KernelError):
    """A tool exited with an error; the message holds the command, ready to paste."""
