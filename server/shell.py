"""The one module that touches pygeoapi's internals, so that an upgrade of pygeoapi touches one file.

Importing it imports pygeoapi (about a second): import it inside the function that needs it. What is used of pygeoapi,
and what of its behaviour is relied upon, is written down as tests in `tests/server/test_pygeoapi_contract.py`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pygeoapi import __version__ as version
from pygeoapi import util
from pygeoapi.config import validate_config

from config.errors import DefinitionError, Fault

HTML = Path(__file__).parent / "html"
TEMPLATES = HTML / "templates"
STATIC = HTML / "static"
LOCALES = HTML / "locale"


@cache
def environment(language: str) -> Environment:
    """The template environment that `pygeoapi.util.render_j2_template` builds anew for every page, built once.

    The same search path (ours before pygeoapi's), filters, globals and translations; the templates stay compiled.
    """
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, util.TEMPLATESDIR]),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(),
        auto_reload=False,
        cache_size=-1,
    )
    for name in ("to_json", "format_datetime", "format_duration", "human_size", "get_path_basename"):
        made.filters[name] = getattr(util, name)
    made.filters["get_breadcrumbs"] = util.get_breadcrumbs
    made.filters["filter_dict_by_key_value"] = util.filter_dict_by_key_value
    made.globals.update(
        to_json=util.to_json,
        get_path_basename=util.get_path_basename,
        get_breadcrumbs=util.get_breadcrumbs,
        filter_dict_by_key_value=util.filter_dict_by_key_value,
    )
    translations = Translations.load(str(LOCALES), [language])
    made.install_gettext_translations(translations)  # type: ignore[attr-defined]  # added by the extension
    return made


def render_template(config: Mapping[str, Any], template: str, data: Mapping[str, Any], language: str) -> str:
    """One page by pygeoapi's rendering contract: the variables `config`, `data`, `locale` and `version`.

    `config` is already in the page's language (pygeoapi translates it with `l10n.translate_struct`, and keeps the
    first answer for the life of the process).
    """
    page = environment(language).get_template(template)
    return page.render(config=config, data=data, locale=Locale.parse(language), version=version)


def check_configuration(config: Mapping[str, Any]) -> None:
    """Refuse a configuration that does not fit pygeoapi's own schema.

    Raises:
        DefinitionError: names the place in the configuration.
    """
    from jsonschema import ValidationError

    try:
        validate_config(dict(config))
    except ValidationError as err:
        place = ".".join(map(str, err.absolute_path)) or "configuration"
        raise DefinitionError("The pygeoapi configuration is wrong", Fault(place, err.message)) from err
