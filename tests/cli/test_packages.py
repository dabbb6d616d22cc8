"""What the packages show of themselves, and what importing them costs."""

import importlib
import importlib.resources
import pkgutil
import subprocess
import sys

import pytest

PACKAGES = [
    "archives",
    "browse",
    "cli",
    "client",
    "downloads",
    "files",
    "loader",
    "metrics",
    "pages",
    "publishing",
    "rawfiles",
    "reports",
    "repository",
    "service",
    "signing",
    "submissions",
    "synth",
    "tables",
    "views",
]


@pytest.mark.parametrize("name", PACKAGES)
def test_exported_members_are_sorted_and_complete(name):
    package = importlib.import_module(f"pixret.{name}")
    exported = package.__all__
    constants = [member for member in exported if member.isupper()]
    classes = [member for member in exported if member[0].isupper() and member not in constants]
    functions = [member for member in exported if member not in constants + classes]
    assert exported == [*sorted(constants), *sorted(classes), *sorted(functions)]
    public = {
        member
        for member, value in vars(package).items()
        if not member.startswith("_") and not isinstance(value, type(sys))
    }
    assert public <= set(exported)
    assert all(hasattr(package, member) for member in exported)  # some are imported when they are first used


@pytest.mark.parametrize("name", PACKAGES)
def test_every_module_is_private_and_every_package_says_that_it_is_typed(name):
    package = importlib.import_module(f"pixret.{name}")
    assert [module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")] == []
    assert (importlib.resources.files(package) / "py.typed").is_file()
    assert package.__doc__


def loaded_by(statement):
    """Top-level modules in a new interpreter after a statement."""
    script = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", ["client", "metrics", "reports", "submissions", "views"])
def test_a_light_package_imports_neither_datasets_nor_opencv(name):
    assert loaded_by(f"import pixret.{name}").isdisjoint({"datasets", "cv2", "fiftyone", "pandas", "PIL", "torch"})


def test_what_loads_publishes_or_draws_imports_what_it_does_that_with_when_it_does():
    assert loaded_by("import pixret.loader, pixret.pages, pixret.publishing, pixret.repository").isdisjoint(
        {"datasets", "huggingface_hub", "matplotlib"}
    )


def test_the_core_the_submissions_and_the_reports_import_no_grpc():
    assert "grpc" not in loaded_by("import pixret.metrics, pixret.reports, pixret.submissions")


def test_the_command_line_answers_before_it_imports_what_it_runs():
    assert loaded_by("import pixret.cli").isdisjoint({"cv2", "datasets", "grpc", "numpy", "pyarrow", "pycocotools"})


def test_every_error_that_the_command_line_words_is_there():
    from pixret.cli._main import _ERRORS

    for package, names in _ERRORS.items():
        assert all(issubclass(getattr(importlib.import_module(package), name), Exception) for name in names)
