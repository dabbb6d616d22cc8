"""What the synthesizer refuses."""


class SynthError(ValueError):
    """A benchmark that cannot be made as asked; the message says what to change."""
