"""How pages are made from templates."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def page_environment(*packages: str) -> Environment:
    """Templates in the folder `page` of some packages, then those here, for pages that need nothing but themselves.

    Whatever comes from data is escaped, and a name that a template does not know is an error.
    """
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "page") for package in (*packages, "pixret.browse")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
