"""Mask personal data for the screen. The full value is shown only by an action that records its reason."""

_NAME_DOTS = "·•．・"


def mask_phone(value: str) -> str:
    """Keep the first three and last four digits: 138****5678. Shorter values keep only the last two."""
    digits = value.strip()
    if len(digits) < 8:
        return "*" * max(len(digits) - 2, 0) + digits[-2:] if len(digits) > 2 else "*" * len(digits)
    return f"{digits[:3]}****{digits[-4:]}"


def mask_id(value: str) -> str:
    """Keep the first four and last two characters of a long document number, of one under 15 the first and last two."""
    number = value.strip()
    if len(number) <= 6:
        return "*" * len(number)
    if len(number) < 15:
        return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}"
    return f"{number[:4]}{'*' * (len(number) - 6)}{number[-2:]}"


def mask_name(value: str) -> str:
    """Mask a person's name: 王小芳 to 王*芳, 李明 to 李*, 阿卜提·买买提 to 阿*提·买."""
    name = " ".join(value.split())
    dot = next((mark for mark in _NAME_DOTS if mark in name), "")
    if dot:
        first, rest = name.split(dot, 1)
        return f"{_mask_part(first)}·{rest[:1]}"
    if " " in name:
        return " ".join(part if index == 0 else f"{part[:1]}*" for index, part in enumerate(name.split(" ")))
    return _mask_part(name)


def _mask_part(part: str) -> str:
    if len(part) <= 1:
        return part
    if len(part) == 2:
        return f"{part[0]}*"
    return f"{part[0]}*{part[-1]}"
