"""What the keys of a pickle's dicts are, told from its operations before one of them is carried out.

Whoever chooses the items of tuples can give all of them the same hash, and a dict with such keys takes time with the
square of their number: hours for a file of some MB.
"""

from pickletools import OpcodeInfo, markobject, opcodes

_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_FIRST_KEY = {"SETITEM": 1, "SETITEMS": 0, "DICT": 0}  # in what such an operation takes from the stack
_PLAIN = frozenset({"str", "bytes_or_str", "int", "int_or_bool", "bool"})
_MARK = markobject.name
_TAKEN = {one.name: len(one.stack_before) for one in opcodes}
_BELOW_MARK = {one.name: one.stack_before.index(markobject) for one in opcodes if markobject in one.stack_before}
_GIVEN = {one.name: [kind.name for kind in one.stack_after] for one in opcodes}


class DictKeys:
    """Follows what lies on the stack of a pickle, by the kinds that pickletools knows for every operation."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._memo: dict[object, str] = {}

    def are_plain(self, operation: OpcodeInfo, argument: object) -> bool:
        """Go on by one operation, and tell whether all keys that it puts into a dict are text or integers.

        Raises LookupError for a pickle that takes more from its stack than is there.
        """
        name = operation.name
        if name in _GET:
            self._stack.append(self._memo[argument])
        elif name in _PUT:
            self._memo[argument] = self._stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif name == "DUP":
            self._stack.append(self._stack[-1])
        else:
            taken = self._take(name)
            self._stack += _GIVEN[name]
            return name not in _FIRST_KEY or _PLAIN.issuperset(taken[_FIRST_KEY[name] :: 2])
        return True

    def _take(self, name: str) -> list[str]:
        """Take what an operation takes, in the order of the stack; with a mark, what lay above it."""
        taken = []
        if name in _BELOW_MARK:
            while (kind := self._stack.pop()) != _MARK:
                taken.append(kind)
            for _ in range(_BELOW_MARK[name]):
                self._stack.pop()
        else:
            taken += [self._stack.pop() for _ in range(_TAKEN[name])]
        return taken[::-1]
