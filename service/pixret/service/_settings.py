"""The settings of `pixret serve`, from flags, the environment and a file, each under the same name."""

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pixret.service._config import ServiceConfig, split
from pixret.service._errors import ServiceError

_PREFIX = "PIXRET_SERVE_"
_ENVIRONMENT = "environment"
_Source = tuple[str, Mapping[str, Any]]


class SettingsError(ServiceError):
    """Settings that a server cannot have; names each, its value and where it came from."""


class ServeSettings(BaseSettings, ServiceConfig):
    """All that `pixret serve` can be told. Read it with `read_settings`: made directly, it knows only its arguments."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, enable_decoding=False, env_ignore_empty=True)

    data: Annotated[tuple[Path, ...], BeforeValidator(split)] = Field(
        default=(), description="folders of prepared tables; in one text behind commas"
    )
    listen: str = Field(default="127.0.0.1:50051", description="HOST:PORT; port 0 takes a free one")
    state: str | None = Field(
        default=None, description="folder or postgresql:// URL where sessions outlast the server; by default in memory"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003, the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the arguments, into which `read_settings` has merged the sources, so that it knows what came whence."""
        return (init_settings,)


def read_settings(flags: Mapping[str, Any], file: Path | None = None, assignments: Iterable[str] = ()) -> ServeSettings:
    """Merge what was told: flags and NAME=VALUE assignments win over the environment, and that over the file.

    Raises:
        SettingsError: when a setting does not exist or cannot have its value.
    """
    given = _flags(flags, assignments)
    sources: list[_Source] = [("file " + str(file), _file(file)), (_ENVIRONMENT, _environment()), ("flag", given)]
    for origin, values in sources:
        _check_names(origin, values)
    merged = {name: value for _, values in sources for name, value in values.items()}
    try:
        return ServeSettings(**merged)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(each, sources) for each in error.errors())) from None


def show_settings(settings: ServeSettings) -> str:
    """The settings as TOML that can be read again, what each is, and no secret."""
    lines = []
    for name, value in settings.model_dump(mode="json").items():
        lines.append(f"# {ServeSettings.model_fields[name].description}")
        lines.append(f"# {name} is not set" if value is None else f"{name} = {json.dumps(shown_setting(name, value))}")
    return "\n".join(lines)


def _flags(flags: Mapping[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(f"--set {assignment!r} is no assignment; it reads NAME=VALUE")
        given[name.strip()] = value
    return given | {name: value for name, value in flags.items() if value is not None}


def _environment() -> dict[str, Any]:
    """Settings by the environment; an unknown one is there, too, as nobody else's variables begin with the prefix."""
    unknown = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX).lower() not in ServeSettings.model_fields
    }
    return EnvSettingsSource(ServeSettings)() | unknown


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        path.open("rb").close()  # the source passes over a file that is not there
        return TomlConfigSettingsSource(ServeSettings, path)()
    except OSError as error:
        raise SettingsError(f"{path}: the configuration cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the configuration is no TOML: {error}") from None


def _check_names(origin: str, values: Mapping[str, Any]) -> None:
    for name in values:
        if name not in ServeSettings.model_fields:
            near = get_close_matches(name, ServeSettings.model_fields, 1)
            advice = f"did you mean {near[0]}?" if near else "pixret serve --print-config lists all"
            raise SettingsError(f"there is no setting {name} ({_origin(origin, name)}); {advice}")


def _explain(error: ErrorDetails, sources: Iterable[_Source]) -> str:
    """What is wrong with one setting, or with several that do not go together."""
    what = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return what
    name = str(error["loc"][0])
    origin, value = next((origin, values[name]) for origin, values in reversed([*sources]) if name in values)
    shown, meant = shown_setting(name, value), ServeSettings.model_fields[name].description
    return f"setting {name} = {shown!r} ({_origin(origin, name)}): {what[0].lower()}{what[1:]} ({meant})"


def shown_setting(name: str, value: Any) -> Any:
    """A value as it may be shown: of a URL neither user nor password nor parameters, which may hold one, too."""
    if name not in ("state", "traces") or not isinstance(value, str) or not (url := urlsplit(value)).scheme:
        return value
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"


def _origin(origin: str, name: str) -> str:
    return f"{origin} {_PREFIX}{name.upper()}" if origin == _ENVIRONMENT else origin
